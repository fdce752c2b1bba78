export type { DriverConnection as MariadbConnection, Row } from '@keyturn/driver-mysql2';
