package envelope

import (
	"crypto/sha256"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
)

// parts are a signed message, cut where an attacker would cut.
type parts struct{ open, header, auth, body, end string }

func cutMessage(t *testing.T, doc string) parts {
	t.Helper()
	h, a, b := strings.Index(doc, "<header"), strings.Index(doc, "<AuthSignature>"), strings.Index(doc, "<body")
	e := strings.LastIndex(doc, "</")
	if h < 0 || a < h || b < a || e < b {
		t.Fatal("the message has another form")
	}
	return parts{doc[:h], doc[h:a], doc[a:b], doc[b:e], doc[e:]}
}

func (p parts) String() string { return p.open + p.header + p.auth + p.body + p.end }

// wrapping is an attempt to make the signature cover one thing and the reader
// read another. evil is the header (or body) that the attacker wants read.
type wrapping struct {
	name string
	// build returns the attacker's document.
	build func(p parts, evil string) string
	// fits says that the digest of the authenticated elements and the signature
	// are still right, so that only the structure can give the attack away.
	fits bool
}

// foreign opens an element of another namespace that is in scope anyway: a new
// declaration would change the canonical form of what it wraps.
const foreign = `<ds:Object>`

// unmark takes the mark off an element.
func unmark(element string) string { return strings.Replace(element, ` authenticate="true"`, "", 1) }

var wrappings = []wrapping{
	{"evil header beside the real one, before", func(p parts, evil string) string { return p.open + unmark(evil) + p.header + p.auth + p.body + p.end }, true},
	{"evil header beside the real one, after", func(p parts, evil string) string { return p.open + p.header + unmark(evil) + p.auth + p.body + p.end }, true},
	{"evil header, marked too", func(p parts, evil string) string { return p.open + evil + p.header + p.auth + p.body + p.end }, false},
	{"real header moved into the body", func(p parts, evil string) string {
		return p.open + unmark(evil) + p.auth + strings.Replace(p.body, "<body>", "<body>"+foreign+p.header+"</ds:Object>", 1) + p.end
	}, true},
	{"real header moved into a wrapper before", func(p parts, evil string) string {
		return p.open + foreign + p.header + "</ds:Object>" + unmark(evil) + p.auth + p.body + p.end
	}, true},
	{"real header moved into a wrapper behind the body", func(p parts, evil string) string {
		return p.open + unmark(evil) + p.auth + unmark(p.body) + foreign + p.header + p.body + "</ds:Object>" + p.end
	}, false},
	{"real header inside the evil header", func(p parts, evil string) string {
		return p.open + unmark(strings.Replace(evil, "</header>", foreign+p.header+"</ds:Object></header>", 1)) + p.auth + p.body + p.end
	}, true},
	{"real header as an extension inside the evil static header", func(p parts, evil string) string {
		return p.open + unmark(strings.Replace(evil, "</static>", foreign+p.header+"</ds:Object></static>", 1)) + p.auth + p.body + p.end
	}, true},
	{"real header in a ds:Object", func(p parts, evil string) string {
		return p.open + unmark(evil) + strings.Replace(p.auth, "</AuthSignature>", "<ds:Object>"+p.header+"</ds:Object></AuthSignature>", 1) + p.body + p.end
	}, true},
	{"real header in AuthSignature, before SignedInfo", func(p parts, evil string) string {
		return p.open + unmark(evil) + strings.Replace(p.auth, "<AuthSignature>", "<AuthSignature>"+p.header, 1) + p.body + p.end
	}, true},
	{"second body, unmarked", func(p parts, _ string) string {
		return p.open + p.header + p.auth + strings.ReplaceAll(p.body, ` authenticate="true"`, "") + p.body + p.end
	}, true},
	{"body before header", func(p parts, _ string) string { return p.open + p.body + p.header + p.auth + p.end }, false},
	{"header in another namespace, real one kept", func(p parts, evil string) string {
		return p.open + strings.Replace(unmark(evil), "<header", `<header xmlns="http://www.ebics.org/H003"`, 1) + p.header + p.auth + p.body + p.end
	}, true},
	{"mark in a namespace", func(p parts, evil string) string {
		return p.open + strings.Replace(evil, "authenticate", `xmlns:e="urn:org:ebics:H004" e:authenticate`, 1) + p.auth +
			strings.Replace(p.body, "<body>", "<body>"+foreign+p.header+"</ds:Object>", 1) + p.end
	}, true},
	{"mark with another true", func(p parts, evil string) string {
		return p.open + strings.Replace(evil, `"true"`, `"1"`, 1) + p.auth + strings.Replace(p.body, "<body>", "<body>"+foreign+p.header+"</ds:Object>", 1) + p.end
	}, true},
	{"two AuthSignature", func(p parts, _ string) string { return p.open + p.header + p.auth + p.auth + p.body + p.end }, false},
	{"no AuthSignature", func(p parts, _ string) string { return p.open + p.header + p.body + p.end }, false},
	{"evil SignedInfo beside the real one", func(p parts, _ string) string {
		i, e := strings.Index(p.auth, "<ds:SignedInfo>"), strings.Index(p.auth, "<ds:SignatureValue>")
		return p.open + p.header + strings.Replace(p.auth, "<ds:SignatureValue>", p.auth[i:e]+"<ds:SignatureValue>", 1) + p.body + p.end
	}, false},
	{"real SignedInfo inside the SignatureValue", func(p parts, evil string) string {
		i, e := strings.Index(p.auth, "<ds:SignedInfo>"), strings.Index(p.auth, "<ds:SignatureValue>")
		return p.open + evil + strings.Replace(p.auth, "</ds:SignatureValue>", p.auth[i:e]+"</ds:SignatureValue>", 1) + p.body + p.end
	}, false},
	{"evil header", func(p parts, evil string) string { return p.open + evil + p.auth + p.body + p.end }, false},
	{"document type that marks by default", func(p parts, _ string) string {
		return strings.Replace(p.open, "?>", `?><!DOCTYPE x [<!ATTLIST body authenticate CDATA "true">]>`, 1) + p.header + p.auth + p.body + p.end
	}, false},
	{"processing instruction", func(p parts, _ string) string { return p.open + "<?x y?>" + p.header + p.auth + p.body + p.end }, true},
	{"text between the parts", func(p parts, _ string) string { return p.open + "x" + p.header + p.auth + p.body + p.end }, true},
}

// In every attack the attacker has a message that was honestly signed. Most
// leave the signature cryptographically right (the test checks that), so only
// the exact structure stands between the attacker and success.
func TestSignatureWrappingIsRefused(t *testing.T) {
	for _, v := range ebics.Versions() {
		t.Run(string(v), func(t *testing.T) { wrap(t, requests()[string(v)+" upload"], responses()[string(v)+" first segment"]) })
	}
}

func wrap(t *testing.T, upload Request, answer Response) {
	t.Helper()
	evilUpload := upload
	order := *upload.Order
	order.Subscriber.User, order.Attribute = "EVIL", ebics.AttributeData
	evilUpload.Order = &order
	evilAnswer := answer
	evilAnswer.TransactionID = strings.Repeat("E", 32)
	evilAnswer.OrderID = "E666"
	for direction, row := range map[string]struct {
		honest, evil string
		read         func([]byte) error
		key          ebics.PublicKey
	}{
		"request": {
			string(signedRequest(t, upload)), string(signedRequest(t, evilUpload)),
			func(doc []byte) error { _, err := readRequest(doc); return err }, testkeys.Subscriber().Authentication.Public(),
		},
		"response": {
			string(signedResponse(t, answer)), string(signedResponse(t, evilAnswer)),
			func(doc []byte) error { _, err := readResponse(doc); return err }, testkeys.Bank().Authentication.Public(),
		},
	} {
		honest, evil := cutMessage(t, row.honest), cutMessage(t, row.evil)
		if honest.String() != row.honest || honest.header == evil.header {
			t.Fatal("the attack has no effect")
		}
		if err := row.read([]byte(honest.String())); err != nil {
			t.Fatal(err)
		}
		want, _, err := authenticatedDigest([]byte(row.honest))
		if err != nil {
			t.Fatal(err)
		}
		fitting := 0
		for _, w := range wrappings {
			doc := []byte(w.build(honest, evil.header))
			if err := row.read(doc); err == nil {
				t.Errorf("%s: %s was accepted", direction, w.name)
			}
			if w.fits && digestIs(t, doc, want) {
				fitting++
			} else if w.fits {
				t.Logf("%s: %s does not keep the digest", direction, w.name)
			}
		}
		if fitting < 12 {
			t.Errorf("%s: only %d attacks keep the digest", direction, fitting)
		}
	}
}

func digestIs(t *testing.T, doc []byte, want [sha256.Size]byte) bool {
	t.Helper()
	got, _, err := authenticatedDigest(doc)
	if err != nil {
		t.Fatal(err)
	}
	return got == want
}

// An algorithm, reference or transform other than the prescribed one is
// refused, even if the message is then signed with the right key.
func TestOnlyThePrescribedAlgorithms(t *testing.T) {
	doc := string(signedRequest(t, requests()["H004 receipt"]))
	for name, change := range map[string][2]string{
		"exclusive canonicalisation": {`<ds:CanonicalizationMethod Algorithm="` + algorithmC14N, `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#`},
		"with comments":              {`<ds:CanonicalizationMethod Algorithm="` + algorithmC14N, `<ds:CanonicalizationMethod Algorithm="` + algorithmC14N + `#WithComments`},
		"SHA-1 signature":            {algorithmRSA, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
		"HMAC":                       {algorithmRSA, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"},
		"SHA-1 digest":               {algorithmSHA256, "http://www.w3.org/2000/09/xmldsig#sha1"},
		"whole document":             {`URI="` + referenceURI + `"`, `URI=""`},
		"by id":                      {`URI="` + referenceURI + `"`, `URI="#x"`},
		"without URI":                {` URI="` + referenceURI + `"`, ``},
		"narrower xpointer":          {referenceURI, "#xpointer(//*[@authenticate='true'][1])"},
		"XPath transform":            {`<ds:Transform Algorithm="` + algorithmC14N, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116`},
		"second transform":           {`</ds:Transforms>`, `<ds:Transform Algorithm="` + algorithmC14N + `"/></ds:Transforms>`},
		"no transform":               {`<ds:Transform Algorithm="` + algorithmC14N + `"/>`, ``},
		"parameters":                 {`rsa-sha256"/>`, `rsa-sha256"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>`},
		"second reference":           {`</ds:SignedInfo>`, `<ds:Reference URI=""><ds:DigestMethod Algorithm="` + algorithmSHA256 + `"/><ds:DigestValue>eA==</ds:DigestValue></ds:Reference></ds:SignedInfo>`},
		"type of reference":          {` URI="` + referenceURI + `"`, ` URI="` + referenceURI + `" Type="x"`},
		"key info":                   {`</AuthSignature>`, `<ds:KeyInfo/></AuthSignature>`},
	} {
		changed := strings.Replace(doc, change[0], change[1], 1)
		if changed == doc {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := Read([]byte(changed)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// Canonical XML drops comments, so a comment changes nothing that is signed. It
// must not change what is read either: the value stays whole.
func TestCommentDoesNotSplitAValue(t *testing.T) {
	doc := strings.Replace(string(signedRequest(t, requests()["H004 upload"])), "<UserID>U1<", "<UserID>U<!-- -->1<", 1)
	r, err := readRequest([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	if r.Order.Subscriber != testSubscriber {
		t.Errorf("read %v", r.Order.Subscriber)
	}
}

// The root's name is not signed. A message may be read only as the kind whose
// parts it has.
func TestSignedPartsUnderAnotherRootAreRefused(t *testing.T) {
	for name, r := range requests() {
		doc := string(signedRequest(t, r))
		from, to := string(EbicsRequest), string(EbicsNoPubKeyDigestsRequest)
		if strings.HasSuffix(name, "HPB") {
			from, to = to, from
		}
		if _, err := readRequest([]byte(strings.ReplaceAll(doc, from, to))); err == nil {
			t.Errorf("%s was accepted as %s", name, to)
		}
	}
}

// Everything that a message must have, taken away once.
func TestIncompleteMessagesAreRefused(t *testing.T) {
	for _, element := range []string{"HostID", "Nonce", "Timestamp", "PartnerID", "UserID", "OrderType", "OrderAttribute", "SecurityMedium", "TransactionPhase", "TransactionKey"} {
		r := requests()["H004 upload"]
		var h strings.Builder
		doc := string(signedRequest(t, r))
		start := strings.Index(doc, "<"+element)
		end := strings.Index(doc, "</"+element+">") + len("</"+element+">")
		h.WriteString(doc[:start] + doc[end:])
		p := cutMessage(t, h.String())
		signed, err := sign(p.open, p.open+p.header, p.body+p.end, p.end, testkeys.Subscriber().Authentication.Key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readRequest(signed); err == nil {
			t.Errorf("accepted without %s", element)
		}
	}
}

// Marks are where the schema has them, or the message is refused even if its
// sender signed it so: a mark inside a marked element is read in two ways by
// programs, and a mark moved to a part leaves the rest unsigned.
func TestMarksInOtherPlacesAreRefused(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"inside a marked element": func(doc string) string { return strings.Replace(doc, "<static>", `<static authenticate="true">`, 1) },
		"moved to a part of the header": func(doc string) string {
			return strings.Replace(unmark(doc), "<static>", `<static authenticate="true">`, 1)
		},
		"on the body":           func(doc string) string { return strings.Replace(doc, "<body>", `<body authenticate="true">`, 1) },
		"on the root":           func(doc string) string { return strings.Replace(doc, ` Version=`, ` authenticate="true" Version=`, 1) },
		"taken from the header": unmark,
		"taken from the receipt": func(doc string) string {
			return strings.Replace(doc, `<TransferReceipt authenticate="true">`, `<TransferReceipt>`, 1)
		},
	} {
		original := string(signedRequest(t, requests()["H004 receipt"]))
		changed := change(original)
		if changed == original {
			t.Fatalf("%s: nothing changed", name)
		}
		p := cutMessage(t, changed)
		signed, err := sign(p.open, p.open+p.header, p.body+p.end, p.end, testkeys.Subscriber().Authentication.Key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readRequest(signed); err == nil {
			t.Errorf("mark %s: accepted", name)
		}
	}
}
