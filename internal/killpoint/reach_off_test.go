//go:build !killpoints

package killpoint_test

import (
	"testing"

	"kontor/internal/killpoint"
)

// A product build ignores the variable: nobody can kill a server by its environment.
func TestNormalBuildIgnoresTheEnvironment(t *testing.T) {
	if killpoint.Enabled {
		t.Fatal("Enabled without the build tag")
	}
	t.Setenv("KONTOR_KILLPOINT", string(killpoint.IntakeBeforePublish))
	killpoint.Reach(killpoint.IntakeBeforePublish)
	if n := testing.AllocsPerRun(100, func() { killpoint.Reach(killpoint.IntakeBeforePublish) }); n != 0 {
		t.Errorf("Reach allocates %v times", n)
	}
}
