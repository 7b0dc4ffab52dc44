import { ordersDashboard } from "./orders-dashboard.ts";

export default ordersDashboard();
