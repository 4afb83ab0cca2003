/// A listener with what its queues can hold.
public struct ListenerQueues: Equatable, Sendable {
  /// The socket as it was read.
  public var listener: Listener
  /// Its accept queue.
  public var acceptQueue: AcceptQueue
  /// Its SYN queue; missing where a tunable could not be read.
  public var synQueue: Reading<SynQueue>
  /// How many requests stand in the SYN queue; only a walk can tell.
  public var synLength: Reading<Int64>

  /// A listener with its two queues.
  public init(
    listener: Listener, acceptQueue: AcceptQueue, synQueue: Reading<SynQueue>,
    synLength: Reading<Int64>
  ) {
    self.listener = listener
    self.acceptQueue = acceptQueue
    self.synQueue = synQueue
    self.synLength = synLength
  }
}

/// A key as a report lists it.
public struct TunableRow: Equatable, Sendable {
  /// The key.
  public var key: SysctlKey
  /// Its text.
  public var value: Reading<String>
  /// The default of this release on this machine, in the kernel's own unit; nil where no page
  /// describes the key.
  public var defaultValue: Reading<String>?

  /// A row with the key's value.
  public init(key: SysctlKey, value: Reading<String>, defaultValue: Reading<String>?) {
    self.key = key
    self.value = value
    self.defaultValue = defaultValue
  }
}

/// What an audit found; everything that a renderer needs and nothing that it must compute.
public struct Report: Equatable, Sendable {
  /// The machine and the namespace.
  public var host: Host
  /// Over which time rates were formed.
  public var window: Window
  /// Values that were laid over what was read, by key.
  public var assumed: [SysctlKey: String]
  /// Every key that was read.
  public var tunables: [TunableRow]
  /// Every listener, those that matter most first.
  public var listeners: Reading<[ListenerQueues]>
  /// What the tunables add up to.
  public var limits: [EffectiveLimit]
  /// What does not hold, the worst first.
  public var findings: [Finding]
  /// What could not be decided.
  public var notChecked: [NotChecked]
  /// How many rules applied to this host's kernel.
  public var rulesApplied: Int
  /// What could not be read beside the facts of undecided rules.
  public var gaps: [Gap]

  /// A report with its parts.
  public init(
    host: Host, window: Window, assumed: [SysctlKey: String], tunables: [TunableRow],
    listeners: Reading<[ListenerQueues]>, limits: [EffectiveLimit], findings: [Finding],
    notChecked: [NotChecked], rulesApplied: Int, gaps: [Gap]
  ) {
    self.host = host
    self.window = window
    self.assumed = assumed
    self.tunables = tunables
    self.listeners = listeners
    self.limits = limits
    self.findings = findings
    self.notChecked = notChecked
    self.rulesApplied = rulesApplied
    self.gaps = gaps
  }

  /// How many findings have the severity.
  public func count(_ severity: Severity) -> Int {
    findings.count { $0.severity == severity }
  }

  /// The worst severity found, nil when every rule holds.
  public var worst: Severity? { findings.map(\.severity).max() }
}
