/// A rule's page to begin with: it passes the checks as it stands, and each line says what belongs
/// there.
public enum RuleSkeleton {
  /// The page of that id.
  public static func page(_ id: String) -> String {
    """
    ---
    id: \(id)
    title: what is wrong, true whenever the rule fires
    severity: warning
    confidence: medium
    when: net.ipv4.tcp_retries2 < 8
    set: net.ipv4.tcp_retries2 at-least 8
    effect: at-once
    risk: low
    kernel: any
    sources: man:tcp(7)
    ---
    One paragraph: what happens, and to whom. For a rule about each listener add `for: listener` to
    the header; where no tunable helps, put `act:` and `remedy:` in the place of `set:` and `effect:`.

    ## Why

    What the kernel does, and the reason for every number in `when`.

    ## What the change does

    When it takes effect, and what it costs.

    ## When to leave it alone

    Where the value is right all the same.

    ## Examples

    An example on either side of every number.
    ```fires
    net.ipv4.tcp_retries2 = 7
    ```

    ```quiet
    net.ipv4.tcp_retries2 = 8
    ```

    What cannot be read decides nothing.
    ```unknown
    net.ipv4.tcp_retries2 = unreadable
    ```

    """
  }
}
