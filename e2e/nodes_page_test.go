package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// page reads a page of the documentation.
func page(t *testing.T, path string) string {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What the page about the second site tells people to type is what the tests of it run.
func TestSecondSitePageNamesTheCommandsThatAreTested(t *testing.T) {
	text := page(t, "docs/how-to/second-site.md")
	for _, statement := range append(pgtest.FollowStatements(), pgtest.PromoteStatements()...) {
		if !strings.Contains(text, "\n"+statement+"\n") {
			t.Errorf("the page does not have the line %q", statement)
		}
	}
	_, command, found := strings.Cut(text, "\npg_basebackup ")
	command, _, _ = strings.Cut(command, "```")
	want := pgtest.BaseBackup(`"$PGDATA"`, `"host=$PRIMARY user=replicator`)
	want[3] += `"`
	if got := strings.Fields(strings.ReplaceAll(command, "\\\n", " ")); !found || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the page runs pg_basebackup %v, the tests %v", got, want)
	}
	if !strings.Contains(text, "?"+eitherOptions+`"`) {
		t.Errorf("the page's URL does not end with ?%s", eitherOptions)
	}
}

var flagOfCommand = regexp.MustCompile(`--([a-z][a-z-]+)`)

// Every flag on the page about several nodes exists, and those that make a node one of several are those of the tested nodes.
func TestTwoNodesPageNamesExistingFlags(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), rig.Binary(t), "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, help)
	}
	text := page(t, "docs/how-to/two-nodes.md")
	named := map[string]bool{}
	for _, m := range flagOfCommand.FindAllStringSubmatch(text, -1) {
		named[m[1]] = true
		if !strings.Contains(string(help), "--"+m[1]) {
			t.Errorf("the page names --%s, which kontor serve does not have", m[1])
		}
	}
	for _, flag := range []string{"database", "keys", "node", "data", "drain"} {
		if !named[flag] {
			t.Errorf("the page does not name --%s", flag)
		}
	}
}
