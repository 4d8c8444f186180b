//go:build killpoints

package app

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// clockFile names a file with a duration by which this process's wall clock is off, such as -26h. Tests move the clock by rewriting it.
var clockFile = os.Getenv("KONTOR_TEST_CLOCK")

// now is the one wall clock of the hub; in this build a test can set it while the process runs. Like a clock that was set, it has no
// monotonic part that would give the jump away.
func now() time.Time {
	if clockFile == "" {
		return time.Now()
	}
	text, err := os.ReadFile(clockFile)
	if err != nil {
		panic(fmt.Sprintf("KONTOR_TEST_CLOCK: %v", err)) // a test whose clock cannot be set must not go on and prove nothing
	}
	offset, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		panic(fmt.Sprintf("KONTOR_TEST_CLOCK: %v", err))
	}
	return time.Now().Round(0).Add(offset)
}
