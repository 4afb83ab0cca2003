import Foundation
import PackagePlugin

/// Runs embed-catalogue over the top-level folders Rules and Profiles before Catalogue is compiled.
@main
struct EmbedCatalogue: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedCatalogue.swift")
    let folders = [("Rules", "md"), ("Profiles", "conf")].map { name, suffix in
      files(in: package.appending(path: name), suffix: suffix)
    }
    return [
      .buildCommand(
        displayName: "Embedding Rules and Profiles",
        executable: try context.tool(named: "embed-catalogue").url,
        arguments: [package.path(percentEncoded: false), output.path(percentEncoded: false)]
          + folders.joined().map { $0.path(percentEncoded: false) },
        inputFiles: Array(folders.joined()), outputFiles: [output])
    ]
  }

  /// Every file below a folder, in a fixed order; README.md is an index for readers.
  private func files(in folder: URL, suffix: String) -> [URL] {
    let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let all = walker?.compactMap { $0 as? URL } ?? []
    return all.filter { $0.pathExtension == suffix && $0.lastPathComponent != "README.md" }
      .sorted { $0.path < $1.path }
  }
}
