// Generated from templates.ts of engines and services and from scripts/pack/ by npm run templates.
import { factsOf, type TemplateFacts } from './template-facts.ts';

/** One of Keyturn's ready rotation functions: the code, and what it needs. */
export class RotationTemplate {
  /** What the template says of itself. */
  readonly facts: TemplateFacts;

  private constructor(facts: TemplateFacts) {
    this.facts = facts;
  }

  /** The name of the template, such as `SecretsManagerRDSPostgreSQLRotationSingleUser`. */
  get name(): string {
    return this.facts.name;
  }

  /** Rotates users of Amazon DocumentDB: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerDocumentDBRotationMultiUser`. */
  static documentdbMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerDocumentDBRotationMultiUser'));
  }

  /** Rotates users of Amazon DocumentDB: one user, whose password changes in place. The code of `SecretsManagerDocumentDBRotationSingleUser`. */
  static documentdbSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerDocumentDBRotationSingleUser'));
  }

  /** Rotates the access keys of IAM users: one user that has two credentials at a time, which the service makes. The code of `SecretsManagerIAMAccessKeyRotation`. */
  static iamAccessKey(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerIAMAccessKeyRotation'));
  }

  /** Rotates users of MongoDB: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerMongoDBRotationMultiUser`. */
  static mongodbMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerMongoDBRotationMultiUser'));
  }

  /** Rotates users of MongoDB: one user, whose password changes in place. The code of `SecretsManagerMongoDBRotationSingleUser`. */
  static mongodbSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerMongoDBRotationSingleUser'));
  }

  /** Rotates MariaDB users on Amazon RDS and on servers of your own: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerRDSMariaDBRotationMultiUser`. */
  static mariadbMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSMariaDBRotationMultiUser'));
  }

  /** Rotates MariaDB users on Amazon RDS and on servers of your own: one user, whose password changes in place. The code of `SecretsManagerRDSMariaDBRotationSingleUser`. */
  static mariadbSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSMariaDBRotationSingleUser'));
  }

  /** Rotates MySQL users on servers from 8.0.14 on: one user that has two passwords at a time. The code of `SecretsManagerRDSMySQLRotationMultiCredential`. */
  static mysqlMultiCredential(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSMySQLRotationMultiCredential'));
  }

  /** Rotates MySQL users on Amazon RDS, on Aurora, and on servers of your own: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerRDSMySQLRotationMultiUser`. */
  static mysqlMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSMySQLRotationMultiUser'));
  }

  /** Rotates MySQL users on Amazon RDS, on Aurora, and on servers of your own: one user, whose password changes in place. The code of `SecretsManagerRDSMySQLRotationSingleUser`. */
  static mysqlSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSMySQLRotationSingleUser'));
  }

  /** Rotates Oracle users on Amazon RDS and on servers of your own: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerRDSOracleRotationMultiUser`. */
  static oracleMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSOracleRotationMultiUser'));
  }

  /** Rotates Oracle users on Amazon RDS and on servers of your own: one user, whose password changes in place. The code of `SecretsManagerRDSOracleRotationSingleUser`. */
  static oracleSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSOracleRotationSingleUser'));
  }

  /** Rotates PostgreSQL users on Amazon RDS, on Aurora, and on servers of your own: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerRDSPostgreSQLRotationMultiUser`. */
  static postgresMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSPostgreSQLRotationMultiUser'));
  }

  /** Rotates PostgreSQL users on Amazon RDS, on Aurora, and on servers of your own: one user, whose password changes in place. The code of `SecretsManagerRDSPostgreSQLRotationSingleUser`. */
  static postgresSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSPostgreSQLRotationSingleUser'));
  }

  /** Rotates SQL Server logins and contained users on Amazon RDS and on servers of your own: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerRDSSQLServerRotationMultiUser`. */
  static sqlserverMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSSQLServerRotationMultiUser'));
  }

  /** Rotates SQL Server logins and contained users on Amazon RDS and on servers of your own: one user, whose password changes in place. The code of `SecretsManagerRDSSQLServerRotationSingleUser`. */
  static sqlserverSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRDSSQLServerRotationSingleUser'));
  }

  /** Rotates Redis and Valkey users on servers of your own: one user that has two passwords at a time. The code of `SecretsManagerRedisRotationMultiCredential`. */
  static redisMultiCredential(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRedisRotationMultiCredential'));
  }

  /** Rotates users of Amazon Redshift, provisioned and serverless: two users that take turns, the second of which the first rotation makes. The code of `SecretsManagerRedshiftRotationMultiUser`. */
  static redshiftMultiUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRedshiftRotationMultiUser'));
  }

  /** Rotates users of Amazon Redshift, provisioned and serverless: one user, whose password changes in place. The code of `SecretsManagerRedshiftRotationSingleUser`. */
  static redshiftSingleUser(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRedshiftRotationSingleUser'));
  }

  /** Rotates a credential of a service of your own: your code changes it and proves it. The code of `SecretsManagerRotationTemplate`. */
  static httpPassword(): RotationTemplate {
    return new RotationTemplate(factsOf('SecretsManagerRotationTemplate'));
  }
}
