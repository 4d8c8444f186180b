package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// R5: whichever system call on files fails, the n-th write, fsync, open, rename or truncation of a run: what was acknowledged is there
// afterwards and is sent once. After a failed fsync of the database's log the process ends instead of trying again, since the system may
// have thrown away what it could not write, and would say "done" the next time.
//
// strace counts per thread, so the n-th call of each thread fails.
func TestR5SystemCallFails(t *testing.T) {
	t.Parallel()
	tracer, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing: scripts/test-deps installs it")
		}
		t.Skip("strace is missing: scripts/test-deps installs it")
	}
	base := rig.Ceremony(t, rig.Plan{})
	cases := failures()
	var reached atomic.Int64
	t.Cleanup(func() { // after the cases, which run in parallel
		if n := int(reached.Load()); !t.Skipped() && !rig.Long() && n < len(cases)*3/4 {
			t.Errorf("only %d of %d cases had a call that failed", n, len(cases))
		}
	})
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			if callFails(t, base.CopyTo(t, rig.Folder(t)), tracer, c) {
				reached.Add(1)
			}
		})
	}
}

// failure is which call fails, and how.
type failure struct {
	call  string // as strace names it
	error string
	n     int
}

func (f failure) String() string { return fmt.Sprintf("%s %d with %s", f.call, f.n, f.error) }

// failures are all cases: in the short form those that are reached by every run, from its start to its work.
func failures() []failure {
	calls := []struct{ call, error string }{
		{"fsync", "EIO"}, {"fdatasync", "EIO"}, {"pwrite64", "EIO"}, {"pwrite64", "ENOSPC"}, {"write", "EIO"}, {"openat", "EIO"}, {"openat", "EMFILE"},
		{"renameat", "EIO"}, {"ftruncate", "EIO"}, {"unlinkat", "EIO"}, {"pread64", "EIO"},
	}
	if rig.Long() {
		var out []failure
		for _, c := range calls {
			for n := 1; n <= 200; n++ {
				out = append(out, failure{c.call, c.error, n})
			}
		}
		return out
	}
	return []failure{
		{"fsync", "EIO", 1}, {"fsync", "EIO", 4}, {"fsync", "EIO", 7}, {"fsync", "EIO", 10}, {"pwrite64", "EIO", 3}, {"pwrite64", "ENOSPC", 30},
		{"pwrite64", "EIO", 60}, {"write", "EIO", 5}, {"write", "EIO", 10}, {"openat", "EMFILE", 4}, {"renameat", "EIO", 1}, {"pread64", "EIO", 20},
	}
}

// tracedCall is a line of strace where a call begins: thread, call, and the file that it is about if that is open.
var tracedCall = regexp.MustCompile(`^(\d+) +(\w+)\((?:\d+<([^>]*)>)?`)

// hit is a call that strace let fail.
type hit struct{ call, file string }

// injections reads from strace's lines which calls it let fail. A call that others interrupt in the protocol has two lines.
func injections(trace string) (out []hit) {
	begun := map[string]hit{} // by thread
	for line := range strings.Lines(trace) {
		if m := tracedCall.FindStringSubmatch(line); m != nil {
			begun[m[1]] = hit{m[2], m[3]}
		}
		if strings.HasSuffix(strings.TrimSpace(line), "(INJECTED)") {
			thread, _, _ := strings.Cut(line, " ")
			out = append(out, begun[thread])
		}
	}
	return out
}

// soon is how long the short form waits for the n-th call of some thread: the hub goes on polling and sealing.
const soon = 10 * time.Second

// callFails plays one case and says whether a call has failed in it: a thread may never come to its n-th.
func callFails(t *testing.T, in *rig.Installation, tracer string, f failure) (reached bool) {
	trace := filepath.Join(filepath.Dir(in.Data), "strace")
	// As a grandchild (-D) the tracer leaves the hub our child. The filter in the kernel spares all other calls the detour.
	in.Hub.Under(tracer, "-D", "-f", "-q", "-y", "--seccomp-bpf", "-o", trace, "-e", "trace="+f.call, "-e",
		fmt.Sprintf("inject=%s:error=%s:when=%d", f.call, f.error, f.n))
	in.Bank.Start(t)
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "CALL-FAILS", Account: in.Tenants[0].Accounts[0]})
	erp := in.Hub.Client(in.Tenants[0].Key)
	rID := ""
	err := in.Hub.StartE()
	if err != nil && !errors.Is(err, rig.ErrEnded) {
		t.Fatal(err)
	}
	if err == nil {
		rID = workUntilDone(t, in, erp, file)
	}
	for begin := time.Now(); !rig.Long() && in.Hub.Running() && time.Since(begin) < soon && rig.Pause(t, rig.Often); {
		if text, err := os.ReadFile(filepath.Clean(trace)); err != nil || bytes.Contains(text, []byte("(INJECTED)")) {
			break
		}
	}
	for begin := time.Now(); in.Hub.Running() && time.Since(begin) < soon && logSyncFailed(t, trace) && rig.Pause(t, rig.Often); {
		continue // it must end by itself; that takes a moment
	}
	ended := !in.Hub.Running()
	if ended && in.Hub.Stopped() {
		t.Error("the hub has ended with status 0")
	}
	in.Hub.Kill()
	hits := failed(t, trace)
	if logSyncFailed(t, trace) && !ended {
		t.Error("a failed fsync of the database's log did not end the process")
	}
	t.Logf("%d calls failed; the hub ended: %t; acknowledged before: %t", len(hits), ended, rID != "")

	in.Hub.Under()
	in.Hub.Start(t)
	p, err := erp.Submit(t.Context(), file, "")
	if err != nil {
		t.Fatal(err)
	}
	again := p.RID
	if e := p.Item.ErrorItem; p.Item.Status == "KON_REJECTED" && e != nil && e.ErrorCode == "ERR-02-0003" {
		again = namedFirst(e.ErrorDetails)
	}
	if rID != "" && again != rID {
		t.Errorf("%s was acknowledged, and then the same file was taken as %s", rID, again)
	}
	await(t, erp, again, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "CALL-FAILS")
	in.Hub.Stop(t)
	checkAudit(t, in)
	return len(hits) > 0
}

// failed returns the calls that have failed so far, as the tracer has noted them.
func failed(t *testing.T, trace string) []hit {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(trace))
	if err != nil {
		t.Fatal(err)
	}
	return injections(string(text))
}

// logSyncFailed says whether an fsync of the database's log was among them: then the hub must end.
func logSyncFailed(t *testing.T, trace string) bool {
	t.Helper()
	return slices.ContainsFunc(failed(t, trace), func(i hit) bool {
		return strings.HasSuffix(i.call, "sync") && strings.HasSuffix(i.file, "-wal")
	})
}

// workUntilDone submits the file, repeating what is refused, and follows it until it is done or the hub has ended. It returns the rId that
// was acknowledged, if any.
func workUntilDone(t *testing.T, in *rig.Installation, erp *rig.Client, file []byte) (rID string) {
	t.Helper()
	rig.Until(t, "the file to be done, or the end of the hub", func() (bool, error) {
		if !in.Hub.Running() {
			return true, nil
		}
		if rID == "" {
			p, err := erp.Submit(t.Context(), file, "")
			if err != nil {
				return false, err
			}
			rID = p.RID
			if e := p.Item.ErrorItem; p.Item.Status == "KON_REJECTED" && e != nil {
				rID = namedFirst(e.ErrorDetails)
			}
		}
		p, err := erp.Payment(t.Context(), rID)
		return err == nil && p.Item.Status == "FIN_VEU_FORWARDED", err
	})
	return rID
}
