package e2e_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kontor/e2e/rig"
)

// tool returns the path of a program of Debian's, and skips the test where it is not.
func tool(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: apt-get install %s", name, pkg)
	}
	t.Skipf("%s is missing: apt-get install %s", name, pkg)
	return ""
}

// shown runs a program and returns what it says.
func shown(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// buildDeb builds the package into a folder of its own.
func buildDeb(t *testing.T) string {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", "deb"))
	cmd.Env = append(os.Environ(), "DIST="+t.TempDir(), "COMPRESSION=gzip", "VERSION=0.0~test")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func TestDebianPackage(t *testing.T) {
	t.Parallel()
	deb := tool(t, "dpkg-deb", "dpkg")
	built, again := buildDeb(t), buildDeb(t)
	one, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, other) {
		t.Error("two builds of the same sources differ")
	}
	contents := shown(t, deb, "--contents", built)
	for _, file := range []string{
		"-rwxr-xr-x root/root .* ./usr/bin/kontor", "./lib/systemd/system/kontor.service", "./etc/kontor/kontor.json", "./usr/share/man/man1/kontor.1.gz",
		"./usr/share/bash-completion/completions/kontor", "./usr/share/doc/kontor/copyright",
	} {
		if !regexp.MustCompile(`(?m)` + file + `$`).MatchString(contents) {
			t.Errorf("there is no %s:\n%s", file, contents)
		}
	}
	root := t.TempDir()
	shown(t, deb, "--extract", built, root)
	shown(t, deb, "--control", built, filepath.Join(root, "DEBIAN"))
	t.Run("lintian has nothing to say", func(t *testing.T) {
		lintian, err := exec.LookPath("lintian")
		if err != nil {
			t.Skip("lintian is missing: apt-get install lintian")
		}
		shown(t, lintian, "--allow-root", "--fail-on", "error,warning", built)
	})
	t.Run("maintainer scripts are shell", func(t *testing.T) {
		for _, script := range []string{"postinst", "prerm", "postrm"} {
			shown(t, "/bin/sh", "-n", filepath.Join(root, "DEBIAN", script))
		}
	})
	t.Run("the unit is one, and keeps the service in", func(t *testing.T) { checkUnit(t, root) })
	t.Run("it installs, works as its user, and leaves the data behind", func(t *testing.T) { installDeb(t, built) })
	t.Run("the packaged program serves with the packaged settings", func(t *testing.T) { servePackaged(t, root) })
}

// checkUnit has systemd judge the unit.
func checkUnit(t *testing.T, root string) {
	analyze := tool(t, "systemd-analyze", "systemd")
	text, err := os.ReadFile(filepath.Join(root, "lib", "systemd", "system", "kontor.service"))
	if err != nil {
		t.Fatal(err)
	}
	// systemd looks whether the program is there.
	unit := filepath.Join(t.TempDir(), "kontor.service")
	text = bytes.Replace(text, []byte("/usr/bin/kontor"), []byte(filepath.Join(root, "usr", "bin", "kontor")), 1)
	if err := os.WriteFile(unit, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := shown(t, analyze, "verify", "--man=no", unit); strings.Contains(said, "kontor.service") {
		t.Errorf("systemd-analyze verify: %s", said)
	}
	shown(t, analyze, "security", "--offline=true", "--threshold=15", unit) // of 100; fails above
}

// installScript installs the package into this machine's system as seen through an overlay in a mount namespace of its own: nothing of it
// reaches the machine.
const installScript = `set -eu
mount -t tmpfs none "$2"
mkdir "$2/new" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$2/new,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
cp "$1" "$2/root/package.deb"
exec chroot "$2/root" /bin/sh -euc '
as() { setpriv --reuid=kontor --regid=kontor --init-groups "$@"; }
dpkg --force-depends --install /package.deb
as kontor admin tenant add acme --name Acme --config /etc/kontor/kontor.json
as kontor backup --to first --config /etc/kontor/kontor.json
dpkg --force-depends --install /package.deb
dpkg --purge kontor
stat --format "%U %a %n" /var/lib/kontor /var/lib/kontor/keys/root.key /var/backups/kontor/first
! test -e /usr/bin/kontor
'`

func installDeb(t *testing.T, built string) {
	if os.Geteuid() != 0 {
		t.Skip("installing a package, even into an overlay, takes root")
	}
	unshare := tool(t, "unshare", "util-linux")
	try := filepath.Join(filepath.Dir(built), "try") // without the commas of this test's name, which mount would misread
	if err := os.Mkdir(try, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), unshare, "--mount", "mount", "-t", "tmpfs", "none", try).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody mount anything, not even root: %s", out)
	}
	said := shown(t, unshare, "--mount", "/bin/sh", "-c", installScript, "sh", built, try)
	for _, want := range []string{
		"is installed and not started", "tenant acme", "read back and found whole", "/var/backups/kontor stay",
		"kontor 700 /var/lib/kontor", "kontor 600 /var/lib/kontor/keys/root.key", "kontor 600 /var/backups/kontor/first",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

func servePackaged(t *testing.T, root string) {
	program := filepath.Join(root, "usr", "bin", "kontor")
	if said := shown(t, program, "--version"); strings.TrimSpace(said) != "kontor 0.0~test" {
		t.Errorf("version %q", said)
	}
	settings := filepath.Join(root, "etc", "kontor", "kontor.json")
	data := t.TempDir()
	// What the machine decides is given beside the settings; a misspelt key in them would be refused.
	cmd := exec.CommandContext(t.Context(), program, "serve", "--config", settings, "--data", data, "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil || !strings.Contains(string(line[:n]), `"url":"https://127.0.0.1:`) {
		t.Errorf("ready line %q, %v", line[:n], err)
	}
	status, done := context.WithCancel(t.Context())
	defer done()
	said, err := exec.CommandContext(status, program, "admin", "status", "--config", settings, "--data", data).CombinedOutput()
	if err != nil || !strings.Contains(string(said), "0.0~test on sqlite") {
		t.Errorf("status: %v\n%s", err, said)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
