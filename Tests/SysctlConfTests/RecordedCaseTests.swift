import Facts
import SysctlConf
import Testing

/// Every recorded run: the same values in the kernel, and the same exit status.
@Test(arguments: LoaderCase.all)
func loadsAsRecorded(_ c: LoaderCase) {
  let kernel = c.kernel
  let run = c.loader.run(c.files, over: kernel, as: c.invocation)
  for (path, expected) in c.recorded.effective {
    #expect(run.tree[path]?.text == expected, "\(path)")
  }
  switch c.recorded.exit {
  case .status(let status): #expect(run.status == status)
  case .timeout: #expect(run.status == nil)
  }
}

/// Every recorded run: the same complaints of the same files, lines and keys, and no others.
@Test(arguments: LoaderCase.all)
func complainsAsRecorded(_ c: LoaderCase) {
  let run = c.loader.run(c.files, over: c.kernel, as: c.invocation)
  #expect(c.complaints(of: run) == c.recordedComplaints)
}

/// No recorded run is left out unnoticed.
@Test func everyRecordedRunIsTried() {
  #expect(LoaderCase.recordCount > 1000)
  #expect(LoaderCase.all.count == LoaderCase.recordCount)
}
