/// A key that shows another value than the next boot would give it.
public struct Drift: Equatable, Sendable {
  /// The key.
  public var key: SysctlKey
  /// What it shows now.
  public var running: String
  /// What it shows after the next boot.
  public var boot: String
  /// What it shows after `sysctl --system`; nil where that is not known.
  public var system: String?
  /// The line that wins at boot; nil for a key that no file names, which then shows what the kernel
  /// chooses itself.
  public var source: FilesReport.Source?
  /// Programs seen on the host that write this key too.
  public var writers: [String]

  /// A key whose running value is not the one of its file, or of the kernel.
  public init(
    key: SysctlKey, running: String, boot: String, system: String?, source: FilesReport.Source?,
    writers: [String] = []
  ) {
    self.key = key
    self.running = running
    self.boot = boot
    self.system = system
    self.source = source
    self.writers = writers
  }
}
