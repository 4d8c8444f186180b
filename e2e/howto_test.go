package e2e_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kontor/e2e/rig"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// pasted runs the blocks of a page that are marked as shell, one after the other as somebody would who pastes them into a terminal. Only
// the ports are others, since this machine may use those of the page.
func pasted(t *testing.T, page, folder string, environment ...string) string {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "how-to", page))
	if err != nil {
		t.Fatal(err)
	}
	script := "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nset -x\n"
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 2 {
		t.Fatalf("%s has %d blocks", page, len(blocks))
	}
	for _, b := range blocks {
		script += b[1]
	}
	for _, port := range []string{"7443", "8443", "9090"} {
		script = strings.ReplaceAll(script, "127.0.0.1:"+port, freeAddress(t))
	}
	ctx, done := context.WithTimeout(t.Context(), 2*time.Minute)
	defer done()
	cmd := exec.CommandContext(ctx, tool(t, "bash", "bash"), "-c", script)
	cmd.Dir = folder
	cmd.Env = append([]string{"HOME=" + folder, "LC_ALL=C.UTF-8"}, environment...)
	cmd.WaitDelay = 10 * time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.CombinedOutput()
	if err != nil {
		logs := ""
		for _, name := range []string{"*.log", "*/*.log", "log"} {
			files, _ := filepath.Glob(filepath.Join(folder, name)) // the pattern is good
			for _, f := range files {
				text, _ := os.ReadFile(f)
				logs += fmt.Sprintf("%s:\n%s\n", f, text[max(0, len(text)-2000):])
			}
		}
		t.Fatalf("%s: %v\n%s\n%s", page, err, out[max(0, len(out)-6000):], logs)
	}
	return string(out)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was sent
	return l.Addr().String()
}

// withKontor is a folder with the program in bin, and the PATH to it.
func withKontor(t *testing.T) (folder, path string) {
	t.Helper()
	folder = rig.Folder(t)
	bin := filepath.Join(folder, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(rig.Binary(t), filepath.Join(bin, "kontor")); err != nil {
		t.Fatal(err)
	}
	return folder, "PATH=" + bin + ":" + os.Getenv("PATH")
}

func TestPageOnTheSandboxBankWorksAsItStands(t *testing.T) {
	t.Parallel()
	tool(t, "curl", "curl")
	tool(t, "jq", "jq")
	folder, path := withKontor(t)
	said := pasted(t, "connect-sandbox-bank.md", folder, path)
	for _, want := range []string{"FIN_VEU_FORWARDED", "FIRST-1", "whole   operator"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not lead to %s:\n%s", want, said)
		}
	}
}

func TestPageOnInstallingWorksAsItStands(t *testing.T) {
	t.Parallel()
	tool(t, "curl", "curl")
	folder, path := withKontor(t)
	prefix := filepath.Join(folder, "prefix")
	if err := os.Mkdir(prefix, 0o700); err != nil {
		t.Fatal(err)
	}
	if said := pasted(t, "install.md", folder, path, "PREFIX="+prefix); !strings.Contains(said, "audit rows to be chained: 0") {
		t.Errorf("the status is not shown:\n%s", said)
	}
}

func TestPageOnBackupsWorksAsItStands(t *testing.T) {
	t.Parallel()
	folder, path := withKontor(t)
	data := filepath.Join(folder, "hub")
	if err := (rig.Operator{Binary: rig.Binary(t), Data: data}).RunE(t.Context(), nil, "admin", "tenant", "add", "acme", "--name", "Acme"); err != nil {
		t.Fatal(err)
	}
	said := pasted(t, "back-up.md", folder, path, "KONTOR_DATA="+data)
	for _, want := range []string{"read back and found whole", "whole: made", "restored:", "whole   operator"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not lead to %q:\n%s", want, said)
		}
	}
}
