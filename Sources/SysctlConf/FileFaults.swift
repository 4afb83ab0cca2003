public import Facts

/// What is wrong with files whoever reads them: bytes that loaders read differently, names that not
/// all of them read.
public enum FileFaults {
  /// Every fault of every file that some loader may read.
  public static func all(in files: FileTree) -> [ConfProblem] {
    ConfEntries.paths(in: files).flatMap { path -> [ConfProblem] in
      var problems: [ConfProblem] = []
      let name = FileTree.name(of: path)
      let place = files.place(path)
      if name.hasPrefix("."), case .found(_, .file(let bytes)) = place,
        ConfFile(parsing: bytes).lines.contains(where: { $0.key != nil })
      {
        problems.append(
          ConfProblem(
            .hiddenFile, path, nil,
            "only procps reads a file whose name begins with a dot; it is no way to switch one off")
        )
      }
      if case .found(_, .file(let bytes)) = place { problems += faults(of: bytes, path) }
      return problems
    }
  }

  /// The faults of one file's bytes.
  static func faults(of bytes: [UInt8], _ path: String) -> [ConfProblem] {
    var problems: [ConfProblem] = []
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      problems.append(
        ConfProblem(
          .byteOrderMark, path, 1, "a byte order mark, which becomes part of the first line's key"))
    } else if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      problems.append(
        ConfProblem(.byteOrderMark, path, 1, "expected text of single bytes, found UTF-16"))
      return problems
    }
    var number = 1
    var told: Set<ConfProblem.Kind> = []
    func tell(_ kind: ConfProblem.Kind, _ message: String) {
      guard told.insert(kind).inserted else { return }
      problems.append(ConfProblem(kind, path, number, message))
    }
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0x0a: number += 1
      case 0: tell(.zeroByte, "a zero byte, behind which loaders read differently")
      case 0x0d where index + 1 < bytes.count && bytes[index + 1] != 0x0a:
        tell(
          .carriageReturn,
          "a carriage return within the line: systemd-sysctl begins a new line there")
      case UInt8(ascii: "\\") where index + 1 == bytes.count || bytes[index + 1] == 0x0a:
        tell(
          .continuation,
          "a backslash at the end: busybox goes on in the next line, systemd-sysctl and procps do not"
        )
      default: break
      }
    }
    return problems
  }
}

/// Every assignment in every file, whoever reads it.
public enum ConfEntries {
  /// One line that assigns.
  public struct Entry: Equatable, Sendable {
    /// The line.
    public var place: LinePlace
    /// The key.
    public var key: SysctlKey
    /// The value as it is written.
    public var value: String
  }

  /// The files that some loader may read, strongest folder first, then /etc/sysctl.conf.
  public static func paths(in files: FileTree) -> [String] {
    Loader.allFolders.flatMap { folder -> [String] in
      // /lib is a link to usr/lib nowadays, and its files need not be told twice.
      if folder.hasPrefix("/lib/"), files.place(folder) == files.place("/usr/lib/sysctl.d") {
        return []
      }
      return files.names(in: folder).filter { $0.hasSuffix(".conf") }.map { "\(folder)/\($0)" }
    } + [Loader.lastFile]
  }

  /// Every assignment of these files in their order; a file has at most as many as are looked at.
  public static func all(in files: FileTree) -> [Entry] {
    var entries: [Entry] = []
    for path in paths(in: files) {
      guard case .found(_, .file(let bytes)) = files.place(path) else { continue }
      ConfLines.byNewline(bytes) { line in
        let content = ConfFile.Content(of: line.bytes)
        let key = ConfFile.Line(bytes: [], content: content).key
        if let key, case .assignment(_, let value) = content {
          entries.append(Entry(place: LinePlace(path, line.number), key: key, value: value))
        }
        return entries.count < ConfLines.mostKept
      }
    }
    return entries
  }
}
