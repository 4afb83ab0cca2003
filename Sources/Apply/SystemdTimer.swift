import Facts
import Glibc

/// A timer that belongs to systemd: it outlives the terminal, the session and this process.
///
/// Every word of its line was tried against systemd 252: it survives daemon-reload and isolate, and
/// tries again until the change is taken back.
enum SystemdTimer {
  private static let folders = ["/usr/bin", "/bin"]

  /// Whether systemd is process 1 and its programs are there.
  static var isAvailable: Bool {
    unsafe access("/run/systemd/system", F_OK) == 0 && program("systemd-run") != nil
      && program("systemctl") != nil
  }

  private static func program(_ name: String) -> String? {
    folders.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
  }

  private static func unit(_ record: ChangeRecord) -> String { "tcptune-revert-\(record.id)" }

  private static func failure(_ what: String, _ words: String) -> CallFailure {
    CallFailure(place: words.isEmpty ? what : "\(what): \(words)", errno: EIO)
  }

  static func arm(_ record: ChangeRecord) throws(CallFailure) {
    guard let run = program("systemd-run"), let control = program("systemctl"),
      let own = Surroundings.program()
    else { throw CallFailure(place: "systemd-run", errno: ENOENT) }
    let seconds = max(1, (record.deadline - SystemCall.sinceBoot + 999) / 1000)
    let unit = unit(record)
    let (status, words) = try Spawn.run(
      run,
      [
        "systemd-run", "--quiet", "--collect", "--unit=\(unit)", "--on-active=\(seconds)s",
        "--timer-property=AccuracySec=1s", "--timer-property=DefaultDependencies=no",
        "--timer-property=IgnoreOnIsolate=yes", "--property=DefaultDependencies=no",
        "--property=IgnoreOnIsolate=yes", "--property=Type=oneshot",
        "--property=Restart=on-failure", "--property=RestartSec=2s",
        "--property=StartLimitIntervalSec=0", own, "revert", "--transaction", record.id,
        "--if-unconfirmed",
      ])
    guard status == 0 else { throw failure("systemd-run", words) }
    let (active, answer) = try Spawn.run(
      control, ["systemctl", "is-active", "--quiet", "\(unit).timer"])
    guard active == 0 else {
      disarm(record)
      throw failure("systemctl is-active \(unit).timer", answer)
    }
  }

  /// systemd removes a transient unit's file with the unit.
  static func isArmed(_ record: ChangeRecord) -> Bool {
    unsafe access("/run/systemd/transient/\(unit(record)).timer", F_OK) == 0
  }

  static func disarm(_ record: ChangeRecord) {
    guard let control = program("systemctl") else { return }
    _ = try? Spawn.run(control, ["systemctl", "stop", "\(unit(record)).timer"])
  }
}
