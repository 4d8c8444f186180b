package main

import (
	"maps"
	"os"
	"strings"
	"testing"

	"kontor/internal/hub"
)

func read(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../internal/hub/state.go")
	if err != nil {
		t.Fatal(err)
	}
	said, err := comments(text)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func TestPageNamesEveryStateAndTransition(t *testing.T) {
	out, err := page(read(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range hub.States() {
		if !strings.Contains(out, "| `"+string(s)+"` | ") {
			t.Errorf("the state %s is missing", s)
		}
	}
	for _, tr := range hub.Transitions() {
		if !strings.Contains(out, "| `"+tr.Name+"` | ") {
			t.Errorf("the transition %s is missing", tr.Name)
		}
	}
}

func TestUncommentedIsAnError(t *testing.T) {
	said := read(t)
	for _, name := range []string{"StateQueued", "CancelAtBank"} {
		t.Run(name, func(t *testing.T) {
			less := maps.Clone(said)
			if less[name] == "" {
				t.Fatal("there is no such comment to begin with")
			}
			delete(less, name)
			if _, err := page(less); err == nil {
				t.Error("no error")
			}
		})
	}
}
