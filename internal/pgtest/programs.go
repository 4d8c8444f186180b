package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// programs is where PostgreSQL's programs are, and as whom to run them.
type programs struct {
	folder string
	user   *user // nil = as the user of this process
}

// user is an account of this machine.
type user struct{ uid, gid int }

// find looks for PostgreSQL as the package comment says. PostgreSQL refuses to run as root, so root needs the account "postgres", which
// its package makes.
func find() (programs, error) {
	folder, err := findFolder(os.Getenv("KONTOR_PG_BIN"), "/usr/lib/postgresql")
	if err != nil {
		return programs{}, err
	}
	p := programs{folder: folder}
	if os.Geteuid() == 0 {
		if p.user, err = lookupUser("postgres"); err != nil {
			return programs{}, fmt.Errorf("%w: %w", errMissing, err)
		}
	}
	return p, nil
}

// findFolder returns the folder with initdb and postgres: the one asked for, the newest version below root, or the one on PATH.
func findFolder(asked, root string) (string, error) {
	if asked != "" {
		if !complete(asked) {
			return "", fmt.Errorf("KONTOR_PG_BIN=%s has no initdb and postgres", asked)
		}
		return asked, nil
	}
	best, newest := "", 0
	found, err := filepath.Glob(filepath.Join(root, "*", "bin"))
	if err != nil {
		return "", err
	}
	for _, folder := range found {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err == nil && version > newest && complete(folder) {
			best, newest = folder, version
		}
	}
	if best != "" {
		return best, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil && complete(filepath.Dir(path)) {
		return filepath.Dir(path), nil
	}
	return "", errMissing
}

// complete says whether a folder has both programs that are needed. Debian's client package brings a folder with neither.
func complete(folder string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// command prepares one of PostgreSQL's programs, to be run as the right user and to end with this process.
func (p programs) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.folder, name), args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = attributes(p.user)
	return cmd
}
