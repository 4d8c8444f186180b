package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/banks"
	"kontor/ebics/order"
)

// A page that is out of date tells people what is no longer so.
func TestPagesAreUpToDate(t *testing.T) {
	for name, want := range pages() {
		got, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is out of date: run go generate ./scripts/ebicsdocs", name)
		}
	}
}

func TestPagesNameEverything(t *testing.T) {
	p := pages()
	for _, e := range order.Default().Entries() {
		if !strings.Contains(p[ordersPage], "| "+name(e)+" |") {
			t.Errorf("%s is not on the page", e.Key())
		}
	}
	for _, b := range banks.Embedded().Profiles() {
		if !strings.Contains(p[ordersPage], "| `"+b.ID+"` |") {
			t.Errorf("%s is not on the page", b.ID)
		}
	}
	for _, c := range ebics.ReturnCodes() {
		if !strings.Contains(p[codesPage], "| `"+string(c)+"` "+c.Symbol()+" |") {
			t.Errorf("%s is not on the page", c)
		}
	}
}
