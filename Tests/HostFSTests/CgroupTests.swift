import Facts
import Foundation
import Testing

@testable import HostFS

private let id = "3f2a90c1d5be0123456789abcdef0123456789abcdef0123456789abcdef0123"
private let other = String(repeating: "0a", count: 32)
private let container = "container 3f2a90c1d5be"

struct UnitCase: Sendable, CustomTestStringConvertible {
  var path: String
  var unit: String?
  var testDescription: String { path }
}

@Test(arguments: [
  UnitCase(path: "/", unit: nil),
  UnitCase(path: "/user.slice", unit: nil),
  UnitCase(path: "/machine.slice/nothing", unit: nil),
  // systemd
  UnitCase(path: "/init.scope", unit: "init.scope"),
  UnitCase(path: "/system.slice/nginx.service", unit: "nginx.service"),
  UnitCase(path: "/system.slice/ssh.socket", unit: "ssh.socket"),
  UnitCase(path: "/system.slice/srv-data.mount", unit: "srv-data.mount"),
  UnitCase(
    path: "/system.slice/system-postgresql.slice/postgresql@17-main.service",
    unit: "postgresql@17-main.service"),
  UnitCase(path: "/system.slice/a\\x2db.service", unit: "a\\x2db.service"),
  UnitCase(path: "/system.slice/snap.lxd.daemon.service", unit: "snap.lxd.daemon.service"),
  UnitCase(path: "/system.slice/nginx.service/worker-1", unit: "nginx.service"),
  UnitCase(path: "/user.slice/user-1000.slice/session-2.scope", unit: "session-2.scope"),
  UnitCase(
    path: "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service",
    unit: "web.service"),
  UnitCase(
    path: "/user.slice/user-1000.slice/user@1000.service/app.slice", unit: "user@1000.service"),
  // Names that only look like units.
  UnitCase(path: "/system.slice/services", unit: nil),
  UnitCase(path: "/system.slice/nginx.service.d", unit: nil),
  UnitCase(path: "/system.slice/nginx.timer", unit: nil),
  // Containers in scopes
  UnitCase(path: "/system.slice/docker-\(id).scope", unit: container),
  UnitCase(path: "/machine.slice/libpod-\(id).scope", unit: container),
  UnitCase(path: "/machine.slice/libpod-\(id).scope/container", unit: container),
  UnitCase(
    path: "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/"
      + "cri-containerd-\(id).scope", unit: container),
  UnitCase(
    path: "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice/"
      + "crio-\(id).scope", unit: container),
  UnitCase(
    path: "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope",
    unit: container),
  // and bare
  UnitCase(path: "/docker/\(id)", unit: container),
  UnitCase(path: "/kubepods/burstable/pod1-2-3/\(id)", unit: container),
  UnitCase(path: "/docker/\(id)/worker", unit: container),
  UnitCase(path: "/libpod_parent/libpod-\(id)", unit: container),
  // containerd under kubelet where they disagree about who makes cgroups
  UnitCase(
    path: "/system.slice/containerd.service/kubepods-burstable-pod1_2.slice:cri-containerd:\(id)",
    unit: container),
  // What runs inside a container, seen from the host: the container that its runtime knows.
  UnitCase(path: "/system.slice/docker-\(id).scope/system.slice/nginx.service", unit: container),
  UnitCase(path: "/docker/\(id)/init.scope", unit: container),
  UnitCase(path: "/docker/\(id)/kubelet.slice/cri-containerd-\(other).scope", unit: container),
  // Numbers that are no container's
  UnitCase(path: "/docker/\(id.dropLast())", unit: nil),
  UnitCase(path: "/docker/\(id)0", unit: nil),
  UnitCase(path: "/docker/\(id.dropLast())g", unit: nil),
  UnitCase(path: "/system.slice/docker-abc.scope", unit: "docker-abc.scope"),
  UnitCase(path: "/system.slice/docker.service", unit: "docker.service"),
  UnitCase(path: "//system.slice//nginx.service/", unit: "nginx.service"),
  UnitCase(path: "/lxc.payload.web", unit: nil),
])
func unitOfAPath(_ c: UnitCase) {
  #expect(Cgroups.unitName(c.path) == c.unit)
}

// MARK: The live machine

private let mount = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].first {
  FileManager.default.fileExists(atPath: $0 + "/cgroup.controllers")
}

@Suite(.enabled(if: mount != nil, "needs a cgroup2 hierarchy"))
struct LiveCgroupTests {
  @Test func theRootNamesNoUnit() {
    var cgroups = Cgroups()
    #expect(cgroups.unit(of: 1) == .absent("made in the root cgroup"))
    #expect(cgroups.processes(of: 1) == [])
  }

  @Test func aCgroupThatIsGone() {
    var cgroups = Cgroups()
    let gone = Reading<String>.absent("the cgroup is gone, or not visible from here")
    // Twice: what was looked up is remembered.
    for _ in 1...2 {
      #expect(cgroups.path(of: .max) == gone)
      #expect(cgroups.unit(of: .max) == gone)
      #expect(cgroups.processes(of: .max) == [])
    }
  }

  /// A cgroup's id is its folder's inode.
  @Test func everyCgroupByItsID() throws {
    let mount = try #require(mount)
    let names = try FileManager.default.contentsOfDirectory(atPath: mount)
    var cgroups = Cgroups()
    for name in names.prefix(50) {
      var status = stat()
      guard stat("\(mount)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        continue
      }
      #expect(cgroups.path(of: UInt64(status.st_ino)) == .known("/\(name)"))
    }
  }
}
