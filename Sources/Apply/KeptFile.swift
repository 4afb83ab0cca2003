import Facts
import Glibc
import SysctlConf

/// Our file in /etc/sysctl.d: absent, as before, or as planned at every moment.
struct KeptFile: ~Copyable {
  /// Nothing we write is longer.
  private static let longest = 1 << 20

  private let folder: Folder
  /// Its name in the folder.
  let name: String

  /// Opens the folder that the file is in.
  init(_ name: String) throws(CallFailure) {
    folder = try Folder(Places.files)
    self.name = name
  }

  /// Where it is.
  var path: String { folder.place(name) }

  /// Whether a name is that of a file which every loader reads, in the folder and nowhere else.
  static func isName(_ name: String) -> Bool {
    name.hasSuffix(".conf") && name.utf8.count > 5 && name.utf8.count < 200
      && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// What makes the folder unfit, one sentence each.
  func folderReasons() throws(CallFailure) -> [String] {
    var reasons: [String] = []
    let status = try folder.status()
    if status.st_uid != 0 {
      reasons.append(
        "\(folder.path): expected a folder of root, found one of user \(status.st_uid)")
    }
    if status.st_mode & 0o022 != 0 {
      reasons.append(
        "\(folder.path): expected a folder that only root may write, found mode"
          + " \(String(status.st_mode & 0o7777, radix: 8))")
    }
    let system = try folder.system()
    if system.f_flag & UInt(ST_RDONLY) != 0 {
      reasons.append(
        "\(folder.path) is mounted read-only: remount it, or --runtime-only keeps no file")
    } else if system.f_bavail == 0, system.f_blocks > 0 {
      reasons.append("\(folder.path): no room on the device for the file")
    }
    return reasons
  }

  /// What cannot be taken away from where the file is prepared, one sentence.
  func asideReasons() throws(CallFailure) -> [String] {
    let aside = name + Places.unfinished
    guard let status = try folder.status(of: aside), status.st_mode & S_IFMT == S_IFDIR else {
      return []
    }
    return ["\(folder.place(aside)) is a folder: the file is prepared there; move it away"]
  }

  /// What stands there now, nil for nothing.
  func content() throws(CallFailure) -> ChangeRecord.Content? {
    guard let file = try folder.file(name, atMost: Self.longest) else { return nil }
    let text = String(decoding: file.bytes, as: UTF8.self)
    // What is not UTF-8 is none of ours; it is told by its text.
    return ChangeRecord.Content(
      text: text, mode: file.status.st_mode & 0o7777, owner: file.status.st_uid,
      group: file.status.st_gid, label: file.label)
  }

  /// Brings the file to what a change planned, or back.
  ///
  /// What stands there is compared before and, where the file system can swap two files, after the
  /// change: a file that somebody else wrote meanwhile is put back.
  ///
  /// - Returns: false where neither of the two stands there; it is left alone.
  func change(
    _ file: ChangeRecord.File, isWayBack: Bool = false
  ) throws(CallFailure) -> Bool {
    let (old, new) = isWayBack ? (file.after, file.before) : (file.before, file.after)
    guard try recoverAside(file) else { return false }
    let now = try content()
    if now?.text == new?.text {
      try folder.synchronize()
      return true
    }
    guard now?.text == old?.text else { return false }
    guard let new else { return try takeAway(old) }
    try folder.prepare(
      name,
      StoredFile.Wish(
        bytes: Array(new.text.utf8), mode: new.mode, owner: (new.owner, new.group),
        label: new.label ?? now?.label))
    guard let old else {
      do {
        try folder.placePrepared(name)
      } catch {
        // Somebody was faster: whatever it is, it is not ours.
        guard error.errno == EEXIST else { throw error }
        try folder.remove(name + Places.unfinished)
        return false
      }
      return true
    }
    do {
      try folder.exchangePrepared(name)
    } catch {
      guard error.errno == EINVAL || error.errno == ENOSYS else { throw error }
      // A file system that cannot swap: the comparison a moment ago has to do.
      try folder.replace(
        name,
        StoredFile.Wish(
          bytes: Array(new.text.utf8), mode: new.mode, owner: (new.owner, new.group),
          label: new.label ?? now?.label))
      return true
    }
    let replaced = try folder.file(name + Places.unfinished, atMost: Self.longest)
    guard replaced?.bytes == Array(old.text.utf8) else {
      try folder.exchangePrepared(name)
      try folder.remove(name + Places.unfinished)
      return false
    }
    try folder.remove(name + Places.unfinished)
    try folder.synchronize()
    return true
  }

  private func takeAway(_ old: ChangeRecord.Content?) throws(CallFailure) -> Bool {
    guard let old else { return true }
    try folder.remove(name + Places.unfinished)
    try folder.setAside(name)
    let taken = try folder.file(name + Places.unfinished, atMost: Self.longest)
    guard taken?.bytes == Array(old.text.utf8) else {
      try folder.placePrepared(name)
      return false
    }
    try folder.remove(name + Places.unfinished)
    try folder.synchronize()
    return true
  }

  /// Deals with what a command that was killed in the middle left under the unfinished name: ours is
  /// taken away, and what was moved out although it is not is put back.
  private func recoverAside(_ change: ChangeRecord.File) throws(CallFailure) -> Bool {
    let aside = name + Places.unfinished
    guard let status = try folder.status(of: aside) else { return true }
    let file =
      status.st_mode & S_IFMT == S_IFREG ? try folder.file(aside, atMost: Self.longest) : nil
    let ours = [change.before, change.after].compactMap { $0.map { Array($0.text.utf8) } }
    let isOurs = file.map { file in ours.contains { $0.starts(with: file.bytes) } } ?? true
    // A whole file of ours is one of an earlier change; what is no file was planted, and so was what
    // lies there before the file was touched.
    let now = try content()
    if isOurs || file.map({ OwnedText.isOurs($0.bytes) }) ?? true || now?.text != change.after?.text
    {
      try folder.remove(aside)
      return true
    }
    guard now != nil else {
      try folder.placePrepared(name)
      return false
    }
    try folder.exchangePrepared(name)
    try folder.remove(aside)
    return false
  }

  /// Takes away what was left half written, once no change is open.
  func sweep() { try? folder.remove(name + Places.unfinished) }
}
