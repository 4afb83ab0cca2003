public import Expressions
public import Facts

/// A change whose value is computed, in the kernel's own unit.
public struct ResolvedChange: Equatable, Sendable {
  /// The number to write.
  public var value: Int64
  /// The number before it was cut to the tunable's sensible range, nil when it was not.
  public var cutFrom: Int64?
}

extension Rule.Change {
  /// The value that the change asks for, rounded to the kernel's unit and cut to what is sensible.
  ///
  /// - Parameters:
  ///   - evaluator: computes the expression.
  ///   - members: the listener or other member for which the rule fires.
  ///   - bounds: what the key's page says of values.
  ///   - pageSize: bytes of a memory page.
  /// - Returns: the value, or why there is none.
  public func resolve<Source>(
    with evaluator: inout Evaluator<Source>, for members: Members, bounds: TunableBounds,
    pageSize: Int64
  ) -> Reading<ResolvedChange> {
    evaluator.value(of: value, for: members).flatMap { value in
      guard case .quantity(let quantity) = value,
        let own = bounds.unit.own(quantity, pageSize: pageSize)
      else { return .unreadable("the value of '\(target)' does not fit 64 bits") }
      let wanted = `operator` == .atLeast ? own.roundedUp : own.roundedDown
      let cut = min(max(wanted, bounds.sensible.lowerBound), bounds.sensible.upperBound)
      return .known(ResolvedChange(value: cut, cutFrom: cut == wanted ? nil : wanted))
    }
  }
}

extension ChangeOperator {
  /// Whether a present number already is as the change wants it.
  public func isSatisfied(by current: Int64, wanting value: Int64) -> Bool {
    switch self {
    case .exactly: current == value
    case .atLeast: current >= value
    case .atMost: current <= value
    }
  }
}
