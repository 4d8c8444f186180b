// Command testsum reads the events of `go test -json` from its standard input and tells them to people: one line per package, the output
// of what failed, what was skipped and why, and last a line with the counts.
//
// It ends with status 1 if a test, a package or a build failed, if no test ran at all, or if a test was skipped while CI=true.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	ci, _ := strconv.ParseBool(os.Getenv("CI"))
	ok, err := sum(os.Stdin, os.Stdout, ci)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}
