export type { DriverConnection as MysqlConnection, Row } from '@keyturn/driver-mysql2';
