public import Facts
import Glibc

extension HostFS {
  /// A kernel has some thousand keys, and forty more for each interface.
  private static let mostKeys = 200_000
  /// The deepest folder of /proc/sys is kernel/sched_domain/cpu0/domain0.
  private static let deepest = 8

  /// The names of everything below /proc/sys, and the values of some keys.
  ///
  /// - Parameters:
  ///   - isWanted: whether a key is to be read, by its path below /proc/sys.
  ///   - isEntered: whether to look into a folder, by its path below /proc/sys.
  /// - Returns: nil where the tree has no proc/sys.
  public func keyListing(
    reading isWanted: (String) -> Bool, entering isEntered: (String) -> Bool = { _ in true }
  ) -> KeyListing? {
    guard let top = try? ConfinedFolder(path("proc/sys")) else { return nil }
    var listing = KeyListing()
    var folders = [""]
    while let path = folders.popLast(), listing.names.count < Self.mostKeys {
      guard let folder = try? top.folder(path),
        let (entries, isWhole) = try? folder.entries(atMost: Self.mostKeys)
      else { continue }
      if isWhole { listing.folders.insert(path) }
      for entry in entries {
        let inner = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
        var type = entry.type
        if type == UInt8(DT_UNKNOWN), let status = try? folder.status(of: entry.name) {
          type = UInt8((status.st_mode & S_IFMT) >> 12)
        }
        if type == UInt8(DT_DIR) {
          let depth = inner.utf8.count { $0 == UInt8(ascii: "/") }
          if depth < Self.deepest, isEntered(inner) { folders.append(inner) }
        } else if type == UInt8(DT_REG) {
          listing.names.insert(inner)
          guard isWanted(inner), let status = try? folder.status(of: entry.name) else { continue }
          listing.keys[inner] = KeyListing.Key(
            text: folder.key(entry.name), isWritable: status.st_mode & S_IWUSR != 0)
        }
      }
    }
    return listing
  }
}

extension ConfinedFolder {
  /// The text of a key in this folder.
  fileprivate func key(_ name: String) -> Reading<String> {
    withDescriptor { HostFS.value(of: name, at: name, in: $0) }
  }
}
