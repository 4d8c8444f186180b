package konfipay

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const someID = "0190A0B0-1234-7abc-8DEF-000000000001"

func TestPathsAreMatchedAsClientsSpellThem(t *testing.T) {
	for _, c := range []struct{ method, path, want string }{
		{"POST", "/api/v4/Auth/Login/Token", "/Auth/Login/Token"},
		{"POST", "/API/V4/AUTH/LOGIN/TOKEN", "/Auth/Login/Token"},
		{"POST", "/api/v4.0/auth/login/token/", "/Auth/Login/Token"},
		{"POST", "/api/v4/Payment/Sepa/Pain", "/Payment/Sepa/Pain"},
		{"POST", "/api/v4/payment/sepa/pain/", "/Payment/Sepa/Pain"},
		{"GET", "/api/v4/Payment/Sepa/Pain/" + someID, "/Payment/Sepa/Pain/{rId} 0190a0b0-1234-7abc-8def-000000000001"},
		{"GET", "/api/v4/Payment/Sepa/Pain/" + someID + "/item", "/Payment/Sepa/Pain/{rId}/Item 0190a0b0-1234-7abc-8def-000000000001"},
		{"GET", "/api/V4.0/Payment/Sepa/Pain/" + someID + "/Item/", "/Payment/Sepa/Pain/{rId}/Item 0190a0b0-1234-7abc-8def-000000000001"},
		{"GET", "/api/v4/Document/Camt", "/Document/Camt"},
		{"GET", "/api/v4/document/camt/history", "/Document/Camt/History"},
		{"GET", "/api/v4/Document/Camt/" + someID, "/Document/Camt/{rId} 0190a0b0-1234-7abc-8def-000000000001"},
		{"GET", "/api/v4/Document/Camt/" + someID + "/ITEM", "/Document/Camt/{rId}/Item 0190a0b0-1234-7abc-8def-000000000001"},
		{"POST", "/api/v4/Document/Camt/x/acknowledge", "/Document/Camt/{rId}/Acknowledge x"},

		{"GET", "/api/v4/Auth/Login/Token", "allow POST"},
		{"HEAD", "/api/v4/Document/Camt/x", "allow GET"}, // answering it could acknowledge
		{"DELETE", "/api/v4/Payment/Sepa/Pain/x", "allow GET"},
		{"GET", "/api/v4/Payment/Sepa/Pain", "allow POST"},
		{"POST", "/api/v4/Document/Camt/History", "allow GET"},
		{"GET", "/api/v4/Document/Camt/x/Acknowledge", "allow POST"},

		{"GET", "/", "unknown"},
		{"GET", "/api", "unknown"},
		{"GET", "/api/v4", "unknown"},
		{"GET", "/api/v4/", "unknown"},
		{"GET", "/api/v41/Document/Camt", "unknown"},
		{"GET", "/api/v3.1/Document/Camt", "unknown"},
		{"GET", "/api/v5/Document/Camt", "unknown"},
		{"GET", "/api/v4/Document", "unknown"},
		{"GET", "/api/v4/Document/Misc", "unknown"},
		{"GET", "/api/v4//Document/Camt", "unknown"},
		{"GET", "/api/v4/Document/Camt//Item", "unknown"},
		{"GET", "/api/v4/Document/Camt/x/Item/y", "unknown"},
		{"GET", "/x/api/v4/Document/Camt", "unknown"},
	} {
		r, rid, allowed := match(c.method, c.path)
		got := "unknown"
		switch {
		case r != nil:
			got = strings.TrimSpace(r.pattern + " " + rid)
		case allowed != nil:
			got = "allow " + strings.Join(allowed, " ")
		}
		if got != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.path, got, c.want)
		}
	}
}

func TestAcceptDecidesBetweenJSONAndXML(t *testing.T) {
	for _, c := range []struct{ accept, want string }{
		{"", ""},
		{"*/*", ""},
		{"application/json", ""},
		{"application/xml", "application/xml"},
		{"text/xml", "text/xml"},
		{"Application/XML; charset=utf-8", "application/xml"},
		{"application/json, application/xml", ""},
		{"application/xml, application/json", "application/xml"},
		{"application/xml;q=0.5, application/json;q=0.9", ""},
		{"application/json;q=0.5, text/xml;q=0.9", "text/xml"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"},
		{"application/xml;q=0", ""},
		{"application/xml;q=x", ""},
		{"text/html", ""},
		{"text/json, application/xml;q=0.9", ""},
		{"application/xml;q=NaN", ""},
		{";;;,,,", ""},
		{strings.Repeat("a/b,", 100) + "application/xml", ""},
	} {
		got, ok := asksForXML([]string{c.accept})
		if !ok {
			got = ""
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.accept, got, c.want)
		}
	}
}

var routeSeeds = []string{"/api/v4/Document/Camt/x", "/api/v4.0/Payment/Sepa/Pain/İ/item", "//", "/api/v4/\x00/%2f", "/API/V4/document/camt/history/"}

func TestTheFuzzCorpusIsNotEmpty(t *testing.T) {
	known := 0
	for _, s := range routeSeeds {
		if r, _, _ := match(http.MethodGet, s); r != nil {
			known++
		}
	}
	if known == 0 || known == len(routeSeeds) {
		t.Errorf("%d of %d seeds are endpoints: want some of each kind", known, len(routeSeeds))
	}
}

// Whatever path comes, an rId is one segment, and a route is found by it only if its pattern fits.
func FuzzMatch(f *testing.F) {
	for _, s := range routeSeeds {
		f.Add(http.MethodGet, s, "application/xml;q=0.3")
	}
	f.Fuzz(func(t *testing.T, method, path, accept string) {
		asksForXML([]string{accept})
		r, rid, allowed := match(method, path)
		if r == nil {
			if rid != "" {
				t.Errorf("rId %q without a route", rid)
			}
			return
		}
		if r.method != method || allowed != nil || strings.Contains(rid, "/") || strings.Contains(r.pattern, "{rId}") != (rid != "") {
			t.Error(fmt.Sprint(r.method, r.pattern, rid, allowed))
		}
	})
}
