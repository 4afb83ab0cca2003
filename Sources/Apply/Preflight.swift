public import Facts
import Glibc
import SysctlConf

/// Everything that can refuse does so before anything is changed, all reasons at once.
extension Changes {
  /// Why a change would be refused here; nothing is changed to find out.
  public func reasons(against wish: Wish) -> [String] {
    guard geteuid() == 0 else { return [Self.onlyRoot] }
    var reasons = kernelReasons(wish.keys.map(\.key), wish.isForNamespace)
    reasons += stateReasons()
    if let file = wish.file { reasons += fileReasons(file) }
    do {
      _ = try Alarm.choice(preferring: wish.prefersWatcher)
    } catch {
      reasons += error.reasons
    }
    return reasons
  }

  /// What a change that is open says against another; none for whom it is not to be seen.
  public func openReasons() -> [String] {
    guard geteuid() == 0 else { return [] }
    do {
      let state = try state()
      guard let open = state.open, !state.needsSettling else { return [] }
      return busy(open).reasons
    } catch {
      return error.reasons
    }
  }

  private static let onlyRoot = "only root may change these keys: run it with sudo"

  /// What every command that changes something needs.
  func checkMayChange() throws(ApplyFailure) {
    guard geteuid() == 0 else { throw .refused(Self.onlyRoot) }
  }

  /// Why a command may not end a change from here: outside the first network namespace that must be
  /// asked for.
  public func namespaceReason(isForNamespace: Bool) -> String? {
    guard geteuid() == 0, !isForNamespace, let folder = try? KeyFolder(),
      (try? Surroundings.isFirstNetwork(folder)) == false
    else { return nil }
    return Self.otherNamespace
  }

  private static let otherNamespace =
    "this is not the host's first network namespace: --in-namespace if it is the one you mean"

  // MARK: Keys

  private func kernelReasons(_ keys: [SysctlKey], _ isForNamespace: Bool) -> [String] {
    var reasons: [String] = []
    do {
      let folder = try KeyFolder()
      if !isForNamespace, try !Surroundings.isFirstNetwork(folder) {
        reasons.append(Self.otherNamespace)
      }
      if try folder.isReadOnly() {
        reasons.append(
          "/proc/sys is mounted read-only, as in a container: change the host, or start the"
            + " container with these values")
        return reasons
      }
      for key in keys {
        if let reason = reason(against: key, folder) { reasons.append(reason) }
      }
    } catch {
      reasons.append(
        error.errno == EINVAL
          ? "/proc/sys: expected the kernel's keys (procfs), found another file system"
          : error.reason)
    }
    return reasons
  }

  private func reason(against key: SysctlKey, _ folder: borrowing KeyFolder) -> String? {
    guard !SideEffects.has(key) else {
      return "\(key): writing it changes keys of every interface, which a way back would not know"
    }
    guard permits(key) else {
      return "\(key) is not among the keys that tcptune writes (tcptune explain lists them)"
    }
    do {
      try folder.checkWritable(key)
      return nil
    } catch {
      return error.reason
    }
  }

  // MARK: State

  private func stateReasons() -> [String] {
    do {
      let parent = try Folder(following: Places.stateParent)
      guard try parent.status(of: Places.stateName) != nil else {
        return try reasons(of: parent, whatFor: "the way back cannot be kept there")
      }
      // A damaged state is told by its own exit status.
      guard let folder = try? parent.folder(Places.stateName) else { return [] }
      return try reasons(of: folder, whatFor: "the way back cannot be kept there")
    } catch {
      return ["\(error.reason): the way back cannot be kept there"]
    }
  }

  private func reasons(
    of folder: borrowing Folder, whatFor purpose: String
  ) throws(CallFailure) -> [String] {
    let system = try folder.system()
    if system.f_flag & UInt(ST_RDONLY) != 0 {
      return ["\(folder.path) is mounted read-only: \(purpose)"]
    }
    if system.f_bavail == 0, system.f_blocks > 0 {
      return ["\(folder.path): no room on the device: \(purpose)"]
    }
    return []
  }

  // MARK: File

  private func fileReasons(_ file: Wish.File) -> [String] {
    let advice = "--runtime-only keeps no file"
    guard KeptFile.isName(file.name) else {
      return ["--file: expected a name like 60-web.conf, found '\(file.name)'"]
    }
    if Surroundings.areFilesOfAnotherNamespace() {
      return [
        "\(Places.files) is read at boot for the host's first network namespace, not for this one:"
          + " \(advice)"
      ]
    }
    let kept: KeptFile
    do {
      kept = try KeptFile(file.name)
    } catch {
      switch error.errno {
      case ENOENT: return ["\(Places.files) does not exist: make it, or \(advice)"]
      case ELOOP, ENOTDIR:
        return ["\(Places.files): expected a folder, found a link or another file; \(advice)"]
      default: return [error.reason]
      }
    }
    do {
      var reasons = try kept.folderReasons()
      reasons += try kept.asideReasons()
      if let content = try kept.content() {
        reasons += ownerReasons(content, kept.path)
      }
      return reasons
    } catch {
      switch error.errno {
      case ELOOP: return ["\(kept.path) is a link: --file NAME chooses another name"]
      case EINVAL, ENXIO:
        return ["\(kept.path) is no regular file: --file NAME chooses another name"]
      default: return [error.reason]
      }
    }
  }

  private func ownerReasons(_ content: ChangeRecord.Content, _ path: String) -> [String] {
    switch OwnedText.owner(of: Array(content.text.utf8)) {
    case .foreign:
      return ["\(path) is not a file of tcptune's: --file NAME chooses another name"]
    case .edited(let id, let body):
      return [
        "\(path) was edited since change \(id) wrote it\(edits(body, id)): take the edit out, or"
          + " move the file away"
      ]
    case .ours:
      guard content.owner == 0, content.mode & 0o022 == 0 else {
        return ["\(path): expected a file of root that only root may write"]
      }
      return []
    }
  }
}

extension Changes {
  /// What is wrong with the way back of a change in its trial; nil where it is armed, or where that
  /// cannot be seen from here.
  public func alarmRemark(on record: ChangeRecord) -> String? {
    let origin = record.origin.namespaces
    guard record.phase == .trial,
      (try? Surroundings.namespace("/proc/thread-self/ns/mnt")) == origin.mounts,
      (try? Surroundings.namespace("/proc/thread-self/ns/pid")) == origin.processes
    else { return nil }
    let what = record.alarm == .timer ? "systemd's timer for it" : "the process that watches it"
    let fate: String
    switch Alarm.isArmed(record) {
    case true?: return nil
    case false?: fate = "is gone: nothing takes it back at the deadline by itself"
    case nil: fate = "has left no trace: it may be that nothing takes it back at the deadline"
    }
    return "\(what) \(fate); 'tcptune confirm' keeps it, 'tcptune rollback' takes it back"
  }

  /// Why values that are seen here are not those of a change; nil where they are.
  public func elsewhere(_ record: ChangeRecord) -> String? {
    guard (try? isCurrent(record)) == true, let here = try? Self.network(),
      here != record.origin.namespaces.network
    else { return nil }
    return "the change was made in the network namespace net:[\(record.origin.namespaces.network)]:"
      + " these are the values of net:[\(here)]"
  }
}
