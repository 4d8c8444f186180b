package konfipay

import (
	"net/http"
	"slices"
	"strings"
)

// route is one endpoint. pattern is its path below /api/v4, as the reference spells it; {rId} stands for one segment.
type route struct {
	method  string
	pattern string
	caller  caller
	serve   func(s *server, c *call) error
}

// caller is who may call an endpoint, and what is read of them by the look that finds out.
type caller int

const (
	anybody   caller = iota
	keyHolder        // with an access token
	payer            // with an access token; what is needed to judge a payment file is read, too
)

const ridSegment = "{rid}"

// routes returns the endpoints of version 4. Of two that match, the first counts: History stands before {rId}.
func routes() []route {
	return []route{
		{http.MethodPost, "/Auth/Login/Token", anybody, (*server).login},
		{http.MethodPost, "/Payment/Sepa/Pain", payer, (*server).submit},
		{http.MethodGet, "/Payment/Sepa/Pain/{rId}", keyHolder, (*server).paymentFile},
		{http.MethodGet, "/Payment/Sepa/Pain/{rId}/Item", keyHolder, (*server).paymentItem},
		{http.MethodGet, "/Document/Camt", keyHolder, (*server).newDocuments},
		{http.MethodGet, "/Document/Camt/History", keyHolder, (*server).documentHistory},
		{http.MethodGet, "/Document/Camt/{rId}", keyHolder, (*server).documentFile},
		{http.MethodGet, "/Document/Camt/{rId}/Item", keyHolder, (*server).documentItem},
		{http.MethodPost, "/Document/Camt/{rId}/Acknowledge", keyHolder, (*server).acknowledge},
	}
}

// match finds the route of a request. Clients spell paths in any case, with and without ".0" after the version and a slash at the end. For
// a known path with another method route is nil and allowed names the path's methods; for an unknown path both are nil.
func match(method, path string) (found *route, rid string, allowed []string) {
	rest, ok := afterVersion(strings.ToLower(path))
	if !ok {
		return nil, "", nil
	}
	segments := strings.Split(rest, "/")
	for _, r := range routes() {
		id, ok := matchSegments(strings.Split(strings.ToLower(r.pattern[1:]), "/"), segments)
		if !ok {
			continue
		}
		if r.method == method {
			return &r, id, nil
		}
		if !slices.Contains(allowed, r.method) {
			allowed = append(allowed, r.method)
		}
	}
	return nil, "", allowed
}

// afterVersion returns what follows /api/v4/ in a lower-case path.
func afterVersion(path string) (rest string, ok bool) {
	path = strings.TrimSuffix(path, "/")
	for _, prefix := range []string{"/api/v4/", "/api/v4.0/"} {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			return rest, true
		}
	}
	return "", false
}

// matchSegments compares segment by segment; rid is what stands for {rId}.
func matchSegments(pattern, segments []string) (rid string, ok bool) {
	if len(pattern) != len(segments) {
		return "", false
	}
	for i, p := range pattern {
		switch {
		case p == ridSegment && segments[i] != "":
			rid = segments[i]
		case p != segments[i]:
			return "", false
		}
	}
	return rid, true
}
