public import Facts
import SysctlConf

extension KeyState {
  /// A key of a change, looked at now.
  init(_ key: ChangeRecord.Key, of change: String, _ keys: borrowing KeyFolder) {
    let now: Reading<String>
    let owner: Owner
    do {
      let text = try keys.text(of: key.key)
      now = .known(text)
      let isOurs = KeyText.isSame(text, key.after, for: key.key)
      let isBefore = KeyText.isSame(text, key.before, for: key.key)
      owner = isOurs ? (isBefore ? .same : .ours) : isBefore ? .before : .foreign
    } catch {
      now = error.isAbsent ? .absent(error.reason) : .unreadable(error.reason)
      owner = error.isAbsent ? .gone : .unknown
    }
    self.init(key, of: change, now: now, owner: owner)
  }
}

extension ChangeRecord {
  /// Every key beside its value now, in order.
  func states(_ folder: borrowing KeyFolder) -> [KeyState] {
    var states: [KeyState] = []
    for key in keys { states.append(KeyState(key, of: id, folder)) }
    return states
  }
}

extension Changes {
  /// Where the file of a change is, nil where it keeps none.
  public static func path(of record: ChangeRecord) -> String? {
    record.file.map { "\(Places.files)/\($0.name)" }
  }

  /// What the file says of the keys of a change, beside their values now.
  public static func withFile(_ states: [KeyState], of record: ChangeRecord) -> [KeyState] {
    // Where a rollback takes the file away, no line is missing.
    guard let file = record.file, file.after != nil else { return states }
    let content: ChangeRecord.Content?
    do {
      content = try KeptFile(file.name).content()
    } catch {
      return states.map { state in
        var state = state
        state.file = .unread(error.reason)
        return state
      }
    }
    let conf = ConfFile(parsing: Array((content?.text ?? "").utf8))
    return states.map { state in
      var state = state
      state.file = conf.standingValue(of: state.key.key).map { .value($0) } ?? .missing
      return state
    }
  }
}

extension Changes {
  /// The keys of a change beside their values now and in the file; none where /proc/sys is not there.
  public static func states(of record: ChangeRecord) -> [KeyState] {
    guard let folder = try? KeyFolder() else { return [] }
    return withFile(record.states(folder), of: record)
  }
}
