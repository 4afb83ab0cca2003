public import Facts
import SysctlConf

/// What became of the file of a kept change.
enum FileFate {
  /// As the change wrote it.
  case untouched
  /// Nothing stands there.
  case gone
  /// A later change that is kept wrote it.
  case later(id: String)
  /// The file of a change that is not in force came back: from a backup, say.
  case copy(id: String)
  /// A patch of ours was applied to it.
  case patched
  /// Somebody edited it; which lines.
  case edited(lines: String)
  /// Whatever stands there, we did not write it.
  case foreign
  /// It cannot be read.
  case unreadable(String)

  /// What happened, nil for nothing.
  var remark: String? {
    switch self {
    case .untouched: nil
    case .gone: "the file is gone"
    case .later(let id): "change \(id) wrote it since"
    case .copy(let id):
      "it is the file of change \(id), which is not in force: a copy was put there"
    case .patched: "a patch changed it"
    case .edited(let lines): "it was edited\(lines)"
    case .foreign: "it is not a file of tcptune's any more"
    case .unreadable(let reason): reason
    }
  }

  /// What lets a rollback go on.
  var advice: String {
    switch self {
    case .untouched, .gone, .unreadable: ""
    case .later: ": roll that one back first"
    case .copy, .foreign: ": move it away"
    case .patched: ": take the patch back (patch -R), or move the file away"
    case .edited: ": take the edit out, or move the file away"
    }
  }
}

extension Changes {
  /// What became of the file of a kept change, nil where it is as the change wrote it.
  public func fileRemark(on record: ChangeRecord) -> String? {
    guard let history = try? state().history else { return nil }
    return fate(of: record, history)?.remark
  }

  /// What became of a change's file by the changes that have ended, the oldest first; nil where it
  /// has none.
  func fate(of record: ChangeRecord, _ history: [ChangeRecord]) -> FileFate? {
    guard let file = record.file else { return nil }
    let now: ChangeRecord.Content?
    do {
      now = try KeptFile(file.name).content()
    } catch {
      return .unreadable(error.reason)
    }
    if now?.text == file.after?.text { return .untouched }
    guard let now else { return .gone }
    switch OwnedText.owner(of: Array(now.text.utf8)) {
    case .ours(OwnedText.patch, _): return .patched
    case .ours(let id, _):
      let isLater = history.kept.contains { $0.id == id && $0.sequence > record.sequence }
      return isLater ? .later(id: id) : .copy(id: id)
    case .edited(let id, let body): return .edited(lines: edits(body, id, history))
    case .foreign: return .foreign
    }
  }

  /// Which lines of a file are not as a change wrote them.
  func edits(_ body: [UInt8], _ id: String, _ history: [ChangeRecord]? = nil) -> String {
    guard let records = try? history ?? state().history,
      let text = records.last(where: { $0.id == id })?.file?.after?.text,
      case .ours(_, let written) = OwnedText.owner(of: Array(text.utf8))
    else { return "" }
    func lines(_ bytes: [UInt8]) -> [String] {
      bytes.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    }
    let (now, then) = (lines(body), lines(written))
    let added = now.filter { !then.contains($0) }.map { "+ \($0)" }
    let gone = then.filter { !now.contains($0) }.map { "- \($0)" }
    let shown = (gone + added).prefix(4)
    return shown.isEmpty ? "" : " (\(shown.joined(separator: "; ")))"
  }
}
