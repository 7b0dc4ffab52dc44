/** LocalStack starts DynamoDB Local with an agent that lifts a limit no job reaches: this one does nothing. */
public class NoAgent {
  public static void premain(String arguments) {}
}
