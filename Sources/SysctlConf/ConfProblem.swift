/// Something wrong in the files, or in what a loader makes of them.
public struct ConfProblem: Hashable, Sendable {
  /// What is wrong; the raw values are the words of JSON.
  public enum Kind: String, Sendable, CaseIterable {
    /// A named pipe where a file is expected: the loader waits for ever.
    case blocksLoader = "blocks-loader"
    /// A folder has the name of a file.
    case folder = "folder"
    /// A device or socket has the name of a file.
    case specialFile = "special-file"
    /// A link leads nowhere.
    case danglingLink = "dangling-link"
    /// Links lead in a circle.
    case linkLoop = "link-loop"
    /// The file was not read by us.
    case unread = "unread"
    /// Not every loader reads a file of such a name.
    case hiddenFile = "hidden-file"
    /// There are more lines or files than are looked at.
    case tooMany = "too-many"
    /// A line is neither comment nor assignment.
    case noAssignment = "no-assignment"
    /// Nothing stands before the equals sign.
    case emptyKey = "empty-key"
    /// Nothing stands behind the equals sign, and the loader passes over it.
    case emptyValue = "empty-value"
    /// A line is longer than the loader reads, and the rest of the file is lost.
    case longLine = "long-line"
    /// The file begins with a byte order mark, which becomes part of the first key.
    case byteOrderMark = "byte-order-mark"
    /// A zero byte ends the line, for some of them.
    case zeroByte = "zero-byte"
    /// A carriage return alone ends a line for one loader and not for the others.
    case carriageReturn = "carriage-return"
    /// A backslash at the end of a line continues it for one loader and not for the others.
    case continuation = "continuation"
    /// There is no such key.
    case unknownKey = "unknown-key"
    /// The key is a folder of keys.
    case folderKey = "folder-key"
    /// The key cannot be written.
    case readOnlyKey = "read-only-key"
    /// The path leads out of /proc/sys.
    case outside = "outside-proc-sys"
    /// The kernel does not take the value.
    case refused = "refused"
    /// The kernel takes the beginning of the value.
    case cut = "cut"
    /// The kernel sets some elements of a vector.
    case partly = "partly"
    /// The loader stops at the line, and the rest of the file is lost.
    case abortsFile = "aborts-file"
    /// Boot and `sysctl --system` leave different values.
    case loadersDisagree = "loaders-disagree"
  }

  /// What is wrong.
  public var kind: Kind
  /// The file.
  public var file: String
  /// The line, nil where the whole file is meant.
  public var line: Int?
  /// One sentence without a full stop.
  public var message: String

  /// A problem of a file or of one of its lines.
  public init(_ kind: Kind, _ file: String, _ line: Int? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.line = line
    self.message = message
  }
}
