package konfipay

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
)

const camtBody = `<?xml version="1.0" encoding="ISO-8859-1"?><Document>` + "\xe4" + `</Document>`

func loginBody(secret string) string {
	return `{"apiKey":"` + secret + `","client":{"name":"My ERP","version":"1.9.1"},"more":[1]}`
}

// scrub replaces what differs from run to run.
func scrub(body string, ids ...string) string {
	for _, id := range ids {
		body = strings.ReplaceAll(body, id, "RID")
	}
	return regexp.MustCompile(`[A-Za-z0-9_-]{43}`).ReplaceAllString(body, "TOKEN")
}

// The bodies as clients of konfipay parse them, JSON and XML, for every endpoint.
func TestGoldenAnswers(t *testing.T) {
	w := newWorld(t)
	w.at("2021-07-15T15:54:27.6Z")
	_, _, w.first.token = w.newToken(w.first.tenant, hub.Scopes()...) // the one from 2026 is not good yet
	payment := w.submit(w.first, transfer(t, "MSG-1", w.first.iban))
	w.at("2021-07-19T18:00:48Z")
	document := string(w.document(w.first, "2021-07-18_C53_<&>_21-00001.xml", camtBody))
	w.at("2021-10-19T13:10:45.767Z")
	// The tokens have expired by now.
	_, _, token := w.newToken(w.first.tenant, hub.Scopes()...)

	queued := `{"rId":"RID","timestamp":"2021-07-15T17:54:27+02:00","type":"pain","paymentStatusItem":{"status":"KON_ACCEPTED_AND_QUEUED"}}`
	queuedXML := `<PaymentItem xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><RId>RID</RId><Timestamp>2021-07-15T17:54:27+02:00</Timestamp>` +
		`<Type>pain</Type><PaymentStatusItem><Status>KON_ACCEPTED_AND_QUEUED</Status><UploadTimestamp i:nil="true" /><OrderID i:nil="true" />` +
		`<ReasonCode i:nil="true" /><Reason i:nil="true" /><AdditionalInformation i:nil="true" /><ErrorItem i:nil="true" /></PaymentStatusItem></PaymentItem>`
	item := func(isNew string) string {
		return `{"rId":"RID","href":"api/v4/Document/Camt/RID","timestamp":"2021-07-19T20:00:48+02:00","iban":"` + firstIBAN + `","isNew":` + isNew +
			`,"format":"camt.053","fileName":"2021-07-18_C53_<&>_21-00001.xml"}`
	}
	fieldsXML := func(isNew string) string {
		return `<RId>RID</RId><Href>api/v4/Document/Camt/RID</Href><Timestamp>2021-07-19T20:00:48+02:00</Timestamp><Iban>` + firstIBAN + `</Iban><IsNew>` +
			isNew + `</IsNew><Format>camt.053</Format><FileName>2021-07-18_C53_&lt;&amp;&gt;_21-00001.xml</FileName>`
	}
	const ns = ` xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
	listXML := `<DocumentItemContainer` + ns + `><DocumentItems><DocumentItem>` + fieldsXML("true") + `</DocumentItem></DocumentItems></DocumentItemContainer>`
	const asJSON, asXML = "application/json; charset=utf-8", "application/xml; charset=utf-8"
	history := "/api/v4/Document/Camt/History?start=2021-07-19&end=2021-07-19"
	for _, c := range []struct {
		name, method, path, body, accept string
		status                           int
		contentType, want                string
	}{
		{"login", "POST", "/api/v4/Auth/Login/Token", loginBody(string(w.first.secret)), "", 200, asJSON, `{"accessToken":"TOKEN","expiresIn":1800,"tokenType":"bearer"}`},
		{"login, XML", "POST", "/api/v4/Auth/Login/Token", loginBody(string(w.first.secret)), "application/xml", 200, asXML,
			`<LoginToken` + ns + `><AccessToken>TOKEN</AccessToken><ExpiresIn>1800</ExpiresIn><TokenType>bearer</TokenType></LoginToken>`},
		{"payment item", "GET", "/api/v4/Payment/Sepa/Pain/" + payment + "/Item", "", "application/json", 200, asJSON, queued},
		{"payment item, XML", "GET", "/api/v4/Payment/Sepa/Pain/" + payment + "/Item", "", "application/xml", 200, asXML, queuedXML},
		{"payment file", "GET", "/api/v4/Payment/Sepa/Pain/" + payment, "", "application/json", 200, "application/xml", transfer(t, "MSG-1", w.first.iban)},
		{"list", "GET", "/api/v4/Document/Camt", "", "", 200, asJSON, `{"documentItems":[` + item("true") + `]}`},
		{"list, XML", "GET", "/api/v4/Document/Camt", "", "text/xml", 200, "text/xml; charset=utf-8", listXML},
		{"history", "GET", history, "", "", 200, asJSON, `{"documentItems":[` + item("true") + `]}`},
		{"history, XML", "GET", history, "", "application/xml", 200, asXML, listXML},
		{"document item", "GET", "/api/v4/Document/Camt/" + document + "/Item", "", "", 200, asJSON, item("true")},
		{"document item, XML", "GET", "/api/v4/Document/Camt/" + document + "/Item", "", "application/xml", 200, asXML, `<DocumentItem` + ns + `>` + fieldsXML("true") + `</DocumentItem>`},
		{"document file", "GET", "/api/v4/Document/Camt/" + document + "?ack=false", "", "application/json", 200, "text/xml", camtBody},
		{"acknowledge", "POST", "/api/v4/Document/Camt/" + document + "/Acknowledge", "", "", 200, asJSON, item("false")},
		{"acknowledge again, XML", "POST", "/api/v4/Document/Camt/" + document + "/Acknowledge", "", "application/xml", 200, asXML, `<DocumentItem` + ns + `>` + fieldsXML("false") + `</DocumentItem>`},
		{"nothing new", "GET", "/api/v4/Document/Camt", "", "", 204, "", ""},
		{"error", "GET", "/api/v4/Document/Camt?iban=DE12", "", "", 400, asJSON,
			`{"errorItems":[{"errorCode":"ERR-04-0009","errorMessage":"UnknownBankAccount","timestamp":"2021-10-19T15:10:45+02:00"}]}`},
		{"error, XML", "GET", "/api/v4/Document/Camt/History?start=2021-07-20&end=2021-07-19", "", "application/xml", 400, asXML,
			`<ErrorItemContainer` + ns + `><ErrorItems><ErrorItem><ErrorCode>ERR-01-0006</ErrorCode><ErrorMessage>InvalidPeriod</ErrorMessage>` +
				`<ErrorDetails>end lies before start</ErrorDetails><Timestamp>2021-10-19T15:10:45+02:00</Timestamp></ErrorItem></ErrorItems></ErrorItemContainer>`},
		{"unknown endpoint", "GET", "/api/v4/Nothing?x=1", "", "application/xml", 404, asJSON,
			`{"Message":"Welcome to konfipay. There is no API-Endpoint defined for 'https://hub.example/api/v4/Nothing?x=1'. This is Kontor, which serves version 4 of that API below /api/v4/. Please take a look at the documentation.",` +
				`"ApiDocumentationLink":"docs/reference/konfipay-v4.md"}`},
	} {
		a := w.do(token, c.method, c.path, strings.NewReader(c.body), "Accept: "+c.accept)
		got := scrub(a.body, payment, document)
		if a.status != c.status || a.header.Get("Content-Type") != c.contentType || got != scrub(c.want, payment, document) {
			t.Errorf("%s: %d %s\n got %s\nwant %s", c.name, a.status, a.header.Get("Content-Type"), got, c.want)
		}
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", c.name)
		}
		if strings.HasSuffix(c.contentType, "xml; charset=utf-8") {
			must(t, xml.Unmarshal([]byte(a.body), new(struct{})))
		}
	}
}

// Everything a client may get wrong about who it is looks the same: 401, no body, the reason in a header.
func TestUnauthenticatedIsAnEmptyAnswerWithAHeader(t *testing.T) {
	w := newWorld(t)
	deactivated, _, dead := w.newToken(w.first.tenant, hub.Scopes()...)
	must(t, w.access.Deactivate(t.Context(), "operator:test", w.first.tenant, deactivated.ID))
	check := func(name string, a answer, description string) {
		t.Helper()
		want := `Bearer error="invalid_token", error_description="` + description + `"`
		if a.status != 401 || a.body != "" || a.header.Get("Content-Type") != "text/plain" || a.header.Get("WWW-Authenticate") != want {
			t.Errorf("%s: %d %q %v", name, a.status, a.body, a.header)
		}
	}
	const token = "the access token is missing, unknown or has expired"
	for _, r := range routes() {
		if r.caller == anybody {
			continue
		}
		path := "/api/v4" + strings.ReplaceAll(r.pattern, "{rId}", someID)
		check(r.pattern+" without header", w.do("", r.method, path, nil), token)
		check(r.pattern+" with another scheme", w.do("", r.method, path, nil, "Authorization: Basic "+w.first.token), token)
		check(r.pattern+" with a made-up token", w.do(strings.Repeat("A", 43), r.method, path, nil), token)
		check(r.pattern+" with the API key", w.do(string(w.first.secret), r.method, path, nil), token)
		check(r.pattern+" with a dead token", w.do(dead, r.method, path, nil), token)
	}
	if a := w.do("", "GET", "/api/v4/Document/Camt", nil, "Authorization: bearer  "+w.first.token); a.status != 204 {
		t.Errorf("the scheme counts in any case: %d", a.status)
	}
	w.clock.Add((30 * time.Minute).Microseconds())
	check("expired", w.get(w.first.token, "/api/v4/Document/Camt"), token)
	const key = "the API key is unknown or not active"
	check("login with an unknown key", w.post("", "/api/v4/Auth/Login/Token", loginBody(strings.Repeat("x", 64))), key)
	check("login with a short key", w.post("", "/api/v4/Auth/Login/Token", `{"apiKey":"x"}`), key)
}

func TestLoginRefusesWhatItCannotRead(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		body   string
		status int
		codes  []string
	}{
		"empty":          {"", 400, []string{"ERR-09-0003"}},
		"not JSON":       {"<LoginRequest/>", 400, []string{"ERR-09-0003"}},
		"cut off":        {`{"apiKey":"abc`, 400, []string{"ERR-09-0003"}},
		"more after it":  {`{"apiKey":"abc"} x`, 400, []string{"ERR-09-0003"}},
		"another type":   {`{"apiKey":1}`, 400, []string{"ERR-09-0003"}},
		"no key":         {`{"client":{}}`, 400, []string{"ERR-01-0012"}},
		"over the limit": {`{"apiKey":"` + strings.Repeat("x", 16<<10) + `"}`, 413, []string{"ERR-09-0003"}},
		"deep nesting":   {strings.Repeat("[", 16000), 400, []string{"ERR-09-0003"}},
	} {
		a := w.post("", "/api/v4/Auth/Login/Token", c.body)
		a.want(t, name, c.status, c.codes...)
		if strings.Contains(a.body, "abc") {
			t.Errorf("%s: the answer repeats the key: %s", name, a.body)
		}
	}
	for name, body := range map[string]string{
		"byte order mark":  "\xef\xbb\xbf" + loginBody(string(w.first.secret)),
		"no client":        `{"apiKey":"` + string(w.first.secret) + `"}`,
		"Pascal case":      `{"ApiKey":"` + string(w.first.secret) + `","Client":null}`,
		"the last counts":  `{"apiKey":"x","apiKey":"` + string(w.first.secret) + `"}`,
		"JSON escapes":     `{"apiKey":"` + strings.Replace(string(w.first.secret), string(w.first.secret[0]), `\u00`+hexOf(w.first.secret[0]), 1) + `"}`,
		"huge client name": `{"apiKey":"` + string(w.first.secret) + `","client":{"name":"` + strings.Repeat("n", 10000) + `"}}`,
	} {
		w.post("", "/api/v4/Auth/Login/Token", body).want(t, name, 200)
	}
}

func hexOf(b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}

func zip(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	must(t, err)
	must(t, z.Close())
	return b.String()
}

func TestSubmitAnswersWithTheFilesFate(t *testing.T) {
	w := newWorld(t)
	good := transfer(t, "MSG-1", w.first.iban)
	for _, c := range []struct {
		name, body string
		headers    []string
		status     int
		want       string // in the body
	}{
		{"good", good, []string{"Content-Type: application/xml"}, 201, `"status":"KON_ACCEPTED_AND_QUEUED"}`},
		{"the same again", good, []string{"Content-Type: text/xml; charset=utf-8"}, 201, `"errorMessage":"DoubleSubmission","errorDetails":"DuplicateOf: `},
		{"the same again, packed", zip(t, good), []string{"Content-Encoding: gzip"}, 201, `"errorMessage":"DoubleSubmission"`},
		{"packed", zip(t, transfer(t, "MSG-2", w.first.iban)), []string{"Content-Encoding: GZIP"}, 201, `"status":"KON_ACCEPTED_AND_QUEUED"}`},
		{"another tenant's account", transfer(t, "MSG-3", w.second.iban), nil, 201, `"status":"KON_REJECTED","errorItem":{"errorCode":"ERR-02-0002","errorMessage":"ValidationFailed","errorDetails":"PAIN-E9 line `},
		{"wrong count", strings.Replace(transfer(t, "MSG-4", w.first.iban), "<NbOfTxs>1<", "<NbOfTxs>3<", 1), nil, 201, `PAIN-B1 line `},

		{"empty", "", nil, 400, "ERR-02-0001"},
		{"not XML", "hello", nil, 400, "ERR-02-0001"},
		{"cut off", good[:len(good)/2], nil, 400, "ERR-02-0001"},
		{"document type", strings.Replace(good, "<Document", "<!DOCTYPE x><Document", 1), nil, 400, "ERR-02-0001"},
		{"another message", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>`, nil, 400, "ERR-02-0001"},
		{"says gzip and is not", good, []string{"Content-Encoding: gzip"}, 400, "ERR-02-0001"},
		{"damaged gzip", zip(t, good)[:200], []string{"Content-Encoding: gzip"}, 400, "ERR-02-0001"},
		{"JSON", good, []string{"Content-Type: application/json"}, 400, "ERR-02-0005"},
		{"nonsense type", good, []string{"Content-Type: ;"}, 400, "ERR-02-0005"},
		{"another coding", good, []string{"Content-Encoding: br"}, 400, "ERR-02-0005"},
		{"two codings", good, []string{"Content-Encoding: gzip, gzip"}, 400, "ERR-02-0005"},
		{"over the transfer limit", good + strings.Repeat(" ", 1<<20), nil, 413, "ERR-02-0004"},
		{"over the limit when unpacked", zip(t, good+strings.Repeat(" ", 3<<20)), []string{"Content-Encoding: gzip"}, 413, "ERR-02-0004"},
	} {
		a := w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", c.body, c.headers...)
		if a.status != c.status || !strings.Contains(a.body, c.want) || !json.Valid([]byte(a.body)) {
			t.Errorf("%s: %d %s, want %d with %s", c.name, a.status, a.body, c.status, c.want)
		}
	}
	// Without a Content-Length the limit is found while reading.
	a := w.do(w.first.token, "POST", "/api/v4/Payment/Sepa/Pain", io.MultiReader(strings.NewReader(good), strings.NewReader(strings.Repeat(" ", 1<<20))))
	a.want(t, "over the transfer limit, chunked", 413, "ERR-02-0004")
}

// A rejected file is kept: its item says why as often as it is asked, its bytes can be fetched.
func TestARejectedFileCanBeAskedFor(t *testing.T) {
	w := newWorld(t)
	body := transfer(t, "MSG-1", otherIBAN)
	a := w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", body)
	var item struct {
		RID string `json:"rId"`
	}
	must(t, json.Unmarshal([]byte(a.body), &item))
	w.clock.Add(time.Minute.Microseconds())
	if again := w.get(w.first.token, "/api/v4/payment/sepa/pain/"+strings.ToUpper(item.RID)+"/item"); again.body != a.body || again.status != 200 {
		t.Errorf("item %s, at first %s", again.body, a.body)
	}
	if file := w.get(w.first.token, "/api/v4/Payment/Sepa/Pain/"+item.RID); file.body != body {
		t.Errorf("file %q", file.body)
	}
}

func TestAFileKeepsTheNameItsClientGives(t *testing.T) {
	w := newWorld(t)
	for header, want := range map[string]string{
		`attachment; filename="zahlung.xml"`:               "zahlung.xml",
		`attachment; filename*=UTF-8''l%C3%B6hne.xml`:      "löhne.xml",
		`attachment; filename="C:\\Temp\\zahlung.xml"`:     "zahlung.xml",
		`attachment; filename="../../etc/passwd"`:          "passwd",
		`attachment; filename=".."`:                        "",
		`attachment; filename*=UTF-8''a%0Ab.xml`:           "",
		`attachment`:                                       "",
		`;;`:                                               "",
		`attachment; filename=` + strings.Repeat("x", 256): "",
	} {
		if got := fileName(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	a := w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", transfer(t, "MSG-1", w.first.iban), `Content-Disposition: attachment; filename="a.xml"`)
	a.want(t, "submit", 201)
	var item struct {
		RID string `json:"rId"`
	}
	must(t, json.Unmarshal([]byte(a.body), &item))
	must(t, w.store.Read(t.Context(), func(tx *store.Tx) error {
		f, err := tx.File(t.Context(), w.first.tenant, hub.FileID(item.RID))
		if f.Detail.FileName != "a.xml" {
			t.Errorf("kept as %q", f.Detail.FileName)
		}
		return err
	}))
}

// Each endpoint needs its scope, and no other one helps.
func TestEveryEndpointNeedsItsScope(t *testing.T) {
	w := newWorld(t)
	payment := w.submit(w.first, transfer(t, "MSG-1", w.first.iban))
	document := string(w.document(w.first, "a.xml", camtBody))
	tokens := map[hub.Scope]string{}
	for _, s := range hub.Scopes() {
		_, _, tokens[s] = w.newToken(w.first.tenant, s)
	}
	_, _, both := w.newToken(w.first.tenant, hub.ScopeDocumentRead, hub.ScopeDocumentAcknowledge)
	n := 0
	for _, c := range []struct {
		method, path, body string
		needs              hub.Scope
	}{
		{"POST", "/Payment/Sepa/Pain", transfer(t, "MSG-2", w.first.iban), hub.ScopePaymentSubmit},
		{"GET", "/Payment/Sepa/Pain/" + payment, "", hub.ScopePaymentRead},
		{"GET", "/Payment/Sepa/Pain/" + payment + "/Item", "", hub.ScopePaymentRead},
		{"GET", "/Document/Camt", "", hub.ScopeDocumentRead},
		{"GET", "/Document/Camt?iban=" + otherIBAN, "", hub.ScopeDocumentRead},
		{"GET", "/Document/Camt/History?start=2026-01-01&end=2026-12-31", "", hub.ScopeDocumentRead},
		{"GET", "/Document/Camt/History", "", hub.ScopeDocumentRead},
		{"GET", "/Document/Camt/" + document + "?ack=false", "", hub.ScopeDocumentRead},
		{"GET", "/Document/Camt/" + document + "/Item", "", hub.ScopeDocumentRead},
		{"GET", "/Document/Camt/" + document, "", ""}, // read and acknowledge: neither alone is enough
		{"POST", "/Document/Camt/" + document + "/Acknowledge", "", hub.ScopeDocumentAcknowledge},
	} {
		for scope, token := range tokens {
			a := w.do(token, c.method, "/api/v4"+c.path, strings.NewReader(c.body))
			if scope == c.needs {
				if a.status == 403 || a.status == 401 {
					t.Errorf("%s %s with %s: %d", c.method, c.path, scope, a.status)
				}
				continue
			}
			n++
			a.want(t, c.method+" "+c.path+" with "+string(scope), 403, "ERR-05-0001")
		}
	}
	if n < 30 {
		t.Errorf("only %d refusals were tried", n)
	}
	w.get(both, "/api/v4/Document/Camt/"+document).want(t, "read and acknowledge", 200)
}

// Another tenant's things do not exist: with its ids every answer is the same, byte for byte, as with ids that nobody has.
func TestAnotherTenantsIDsAnswerLikeUnknownOnes(t *testing.T) {
	w := newWorld(t)
	payment := w.submit(w.first, transfer(t, "MSG-1", w.first.iban))
	document := string(w.document(w.first, "a.xml", camtBody))
	const unknown = "0190a0b0-0000-7000-8000-000000000000"
	tried := 0
	for _, r := range routes() {
		if !strings.Contains(r.pattern, "{rId}") {
			continue
		}
		id := payment
		if strings.HasPrefix(r.pattern, "/Document") {
			id = document
		}
		for _, accept := range []string{"application/json", "application/xml"} {
			path := "/api/v4" + r.pattern
			foreign := w.do(w.second.token, r.method, strings.Replace(path, "{rId}", id, 1), nil, "Accept: "+accept)
			nobody := w.do(w.second.token, r.method, strings.Replace(path, "{rId}", unknown, 1), nil, "Accept: "+accept)
			odd := w.do(w.second.token, r.method, strings.Replace(path, "{rId}", "%00'\"", 1), nil, "Accept: "+accept)
			if foreign.status != 400 || foreign.body != nobody.body || foreign.body != odd.body || len(foreign.header) != len(nobody.header) {
				t.Errorf("%s: %d %s, %d %s, %d %s", r.pattern, foreign.status, foreign.body, nobody.status, nobody.body, odd.status, odd.body)
			}
			if !strings.Contains(foreign.body, "ERR-01-0001") || !strings.Contains(foreign.body, "RIdNotFound") {
				t.Errorf("%s: %s", r.pattern, foreign.body)
			}
			tried++
		}
	}
	if tried != 10 {
		t.Errorf("%d answers compared", tried)
	}
	for _, path := range []string{"/api/v4/Document/Camt", "/api/v4/Document/Camt/History?start=2026-01-01&end=2026-12-31", "/api/v4/Document/Camt?iban=" + w.second.iban} {
		w.get(w.second.token, path).want(t, path, 204)
	}
	foreign := w.get(w.second.token, "/api/v4/Document/Camt?iban="+w.first.iban)
	nobody := w.get(w.second.token, "/api/v4/Document/Camt?iban="+otherIBAN)
	foreign.want(t, "another tenant's IBAN", 400, "ERR-04-0009")
	if foreign.body != nobody.body {
		t.Errorf("%s differs from %s", foreign.body, nobody.body)
	}
	// And the attempts have changed nothing for the owner.
	if a := w.get(w.first.token, "/api/v4/Document/Camt"); !strings.Contains(a.body, `"isNew":true`) {
		t.Errorf("the owner sees %d %s", a.status, a.body)
	}
	// The same bytes from another tenant are no double submission: that would tell that somebody sent them.
	other := w.post(w.second.token, "/api/v4/Payment/Sepa/Pain", transfer(t, "MSG-1", w.first.iban))
	if strings.Contains(other.body, "DoubleSubmission") || strings.Contains(other.body, payment) {
		t.Errorf("answer %s", other.body)
	}
}

func TestKnownPathsRefuseOtherMethods(t *testing.T) {
	w := newWorld(t)
	a := w.do(w.first.token, "DELETE", "/api/v4/Document/Camt/x", nil)
	if a.status != 405 || a.header.Get("Allow") != "GET" || a.body != "" {
		t.Errorf("%d %v %q", a.status, a.header, a.body)
	}
}

func TestUnknownEndpointsGetTheWelcomeOfTheAPI(t *testing.T) {
	w := newWorld(t)
	w.options.PublicURL = ""
	handler := New(w.options)
	a := send(t, handler, "", "GET", "http://kontor.example:8443/Api/v4/Nö\"<>?a=1", nil)
	var body map[string]string
	must(t, json.Unmarshal([]byte(a.body), &body))
	if a.status != 404 || len(body) != 2 || body["ApiDocumentationLink"] == "" ||
		!strings.HasPrefix(body["Message"], "Welcome to konfipay. There is no API-Endpoint defined for 'http://kontor.example:8443/Api/v4/N") {
		t.Errorf("%d %s", a.status, a.body)
	}
	long := send(t, handler, "", "GET", "/"+strings.Repeat("x", 5000), nil)
	if len(long.body) > 2500 {
		t.Errorf("the answer repeats %d bytes", len(long.body))
	}
}
