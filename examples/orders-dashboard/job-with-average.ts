import { withAverage } from "./minute-row.ts";
import { ordersDashboard } from "./orders-dashboard.ts";

/** The next version: rows that are written from now on have the mean of an order as well. Its plan is that of `job.ts`. */
export default ordersDashboard({ minuteRow: withAverage });
