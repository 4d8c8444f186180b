package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// atOnce is how many parallel tests run at the same time: they wait more than they work, so a few more than there are cores.
const atOnce = "5"

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
	}
	status := pgtest.Main(m)
	if err := rig.RemoveBinaries(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return max(status, 1)
	}
	return status
}
