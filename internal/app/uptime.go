package app

import (
	"io"
	"os"
	"strings"
	"time"

	"kontor/internal/store"
)

// begun is the beginning of steady.
var begun = time.Now()

// steady is the clock that nobody can set: it counts while the process runs.
func steady() time.Duration { return time.Since(begun) }

// bootVariable and bootFile say which start of the machine this is: the service's unit, which sees more of the machine than the service
// does, and Linux itself.
const (
	bootVariable = "KONTOR_BOOT_ID"
	bootFile     = "/proc/sys/kernel/random/boot_id"
)

// uptime asks the machine for how long it has been up. Where it does not say, nothing is counted while no process runs.
func uptime(node string) store.Uptime {
	up, known := machineUp()
	boot := bootID()
	if !known || boot == "" {
		return store.Uptime{}
	}
	return store.Uptime{Witness: node + " " + boot, Up: up}
}

func bootID() string {
	if boot := os.Getenv(bootVariable); boot != "" {
		return strings.ReplaceAll(boot, "-", "")
	}
	f, err := os.Open(bootFile)
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, 64))
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "-", "") // as units write it
}
