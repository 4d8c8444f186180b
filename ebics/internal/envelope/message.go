package envelope

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
)

// Message is a received message whose outline is known and whose signature has
// not been verified. Only Kind, Namespace and Claim can be had from it; the
// content comes from its Verify… and Read… methods.
type Message struct {
	Kind      Kind
	Namespace string
	Version   ebics.Version // of Namespace; "" for HEV

	doc          []byte
	root         *node
	header, body *node
	signature    *authSignature // nil on messages without AuthSignature
	marked       []*node        // the elements that carry authenticate="true"
	verified     *rsa.PublicKey // the key that verified the signature, so that it is done once
}

// Read parses any EBICS message, of the protocol versions H003 to H005 or of HEV,
// and checks its outline: one header, one AuthSignature where the message has one,
// one body, and authenticate marks exactly where the schema has them. The
// namespace decides what a message is; its Version attribute is not read.
//
// Errors: *xmlscan.SyntaxError for what is not XML or breaks a limit,
// ErrStructure for any other document. doc must not be changed afterwards.
func Read(doc []byte) (*Message, error) {
	root, err := parse(doc, messageLimits(doc))
	if err != nil {
		return nil, err
	}
	m := &Message{Kind: Kind(root.local), Namespace: root.space, Version: version(root.space), doc: doc, root: root}
	switch {
	case root.space == NamespaceHEV && (m.Kind == EbicsHEVRequest || m.Kind == EbicsHEVResponse):
		return m, nil // it has neither header nor signature
	case m.Version == "":
		return nil, structure("root %s in namespace %q", clip(root.local), clip(root.space))
	}
	var signed bool
	switch m.Kind {
	case EbicsRequest, EbicsResponse, EbicsNoPubKeyDigestsRequest:
		signed = true
	case EbicsUnsecuredRequest, EbicsKeyManagementResponse:
	case EbicsUnsignedRequest, EbicsHEVRequest, EbicsHEVResponse:
		return nil, structure("%s is not supported", m.Kind)
	default:
		return nil, structure("root %s", clip(root.local))
	}
	c := in(root)
	m.header = c.required(root.space, "header")
	var auth *node
	if signed {
		auth = c.required(root.space, "AuthSignature")
	}
	m.body = c.required(root.space, "body")
	if err := c.end(); err != nil {
		return nil, err
	}
	if m.marked, err = m.places(); err != nil {
		return nil, err
	}
	if err := checkMarks(root, m.marked); err != nil {
		return nil, err
	}
	if signed {
		if err := requireMarks(m.marked); err != nil {
			return nil, err
		}
		s, err := readAuthSignature(auth)
		if err != nil {
			return nil, err
		}
		m.signature = &s
	}
	return m, nil
}

// places lists the elements that the schema marks as authenticated, each at
// most once.
func (m *Message) places() ([]*node, error) {
	places := []*node{m.header}
	seen := map[string]bool{}
	walk := func(parent *node, names ...string) error {
		for _, child := range parent.children {
			for _, name := range names {
				if child.local != name || child.space != m.Namespace {
					continue
				}
				if seen[name] {
					return structure("two %s", name)
				}
				seen[name] = true
				places = append(places, child)
			}
		}
		return nil
	}
	transfers := 0
	for _, child := range m.body.children {
		if child.local != "DataTransfer" || child.space != m.Namespace {
			continue
		}
		if transfers++; transfers > 1 {
			return nil, structure("two DataTransfer")
		}
		if err := walk(child, "DataEncryptionInfo", "SignatureData"); err != nil {
			return nil, err
		}
	}
	// Not "return places, walk(…)": Go leaves open whether places is read before walk appends to it.
	err := walk(m.body, "PreValidation", "TransferReceipt", "ReturnCode", "TimestampBankParameter")
	return places, err
}

// Verify checks the authentication signature X002 over the bytes as received.
// A message without one never verifies.
func (m *Message) Verify(key ebics.PublicKey) error {
	if m.signature == nil {
		return ErrSignature
	}
	if key.Version != ebics.X002 || key.Key == nil {
		return ErrSignature
	}
	if m.verified != nil && m.verified.Equal(key.Key) {
		return nil
	}
	if err := verifySignature(m.doc, *m.signature, len(m.marked), key.Key); err != nil {
		return err
	}
	m.verified = key.Key
	return nil
}

// Claim is what a request says about itself before anything was verified. Use
// it only to find the key that verifies it, and to shape an error.
type Claim struct {
	Host          ebics.HostID
	Subscriber    ebics.Subscriber // of an initialisation; else empty
	TransactionID string           // of a transfer or receipt; else empty
	Phase         Phase            // empty outside ebicsRequest
	OrderType     ebics.OrderType  // AdminOrderType in H005
}

// Claim reads the unverified claim of a request. What is missing or malformed
// stays empty.
func (m *Message) Claim() Claim {
	var claim Claim
	if m.header == nil { // HEV
		claim.Host, _ = m.ReadHEVRequest()
		return claim
	}
	for _, part := range m.header.children {
		for _, n := range part.children {
			if n.space != m.Namespace {
				continue
			}
			switch n.local {
			case "HostID":
				claim.Host, _ = ebics.ParseHostID(n.value())
			case "PartnerID":
				claim.Subscriber.Partner, _ = ebics.ParsePartnerID(n.value())
			case "UserID":
				claim.Subscriber.User, _ = ebics.ParseUserID(n.value())
			case "TransactionID":
				claim.TransactionID, _ = parseHex16(n.value())
			case "TransactionPhase":
				if p := Phase(n.value()); p.valid() {
					claim.Phase = p
				}
			case "OrderDetails":
				for _, detail := range n.children {
					if detail.local == orderTypeElement(m.Version) && detail.space == m.Namespace {
						claim.OrderType, _ = ebics.ParseOrderType(detail.value())
					}
				}
			}
		}
	}
	return claim
}

// parseHex16 reads the 16 bytes of nonces and transaction ids and returns them
// in upper case.
func parseHex16(text string) (string, bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 16 {
		return "", false
	}
	return strings.ToUpper(text), true
}

// parseNumber reads a number of at most 10 digits.
func parseNumber(text string) (int, bool) {
	if text == "" || len(text) > 10 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil
}

// parseInstant reads an xs:dateTime; without a zone it is UTC.
func parseInstant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// parseBoolean reads an xs:boolean.
func parseBoolean(text string) (value, ok bool) {
	switch text {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// readSegment reads a SegmentNumber element.
func readSegment(c *cursor, n *node) *Segment {
	number, ok := parseNumber(c.leaf(n))
	lastText, marked := n.attribute("lastSegment")
	last, isBool := parseBoolean(lastText)
	if !marked && n.space == NamespaceH003 { // optional there, and false by default
		last, marked, isBool = false, true, true
	}
	if c.err == nil && (!ok || number < 1 || !marked || !isBool) {
		c.err = structure("SegmentNumber is not a number with lastSegment")
	}
	return &Segment{Number: number, Last: last}
}

// readEncryptionInfo reads a DataEncryptionInfo element.
func readEncryptionInfo(n *node, space string) (*EncryptionInfo, error) {
	c := in(n)
	digestNode := c.required(space, "EncryptionPubKeyDigest")
	version, digest, err := readDigest(c, digestNode)
	if err != nil {
		return nil, err
	}
	key, err := crypto.DecodeBase64([]byte(c.leaf(c.required(space, "TransactionKey"))))
	c.foreign(space)
	if endErr := c.end(); endErr != nil {
		return nil, endErr
	}
	if err != nil || len(key) == 0 {
		return nil, structure("TransactionKey is not base64")
	}
	return &EncryptionInfo{KeyVersion: version, KeyDigest: digest, TransactionKey: key}, nil
}

// readDigest reads a public key digest with its key version.
func readDigest(c *cursor, n *node) (version string, digest []byte, err error) {
	text := c.leaf(n)
	if c.err != nil {
		return "", nil, c.err
	}
	version, _ = n.attribute("Version")
	algorithm, _ := n.attribute("Algorithm")
	digest, err = crypto.DecodeBase64([]byte(text))
	if err != nil || len(digest) != 32 || algorithm != algorithmSHA256 {
		return "", nil, structure("%s is not a SHA-256 hash", n.local)
	}
	return version, digest, nil
}

func (e *EncryptionInfo) write(b *strings.Builder) {
	b.WriteString(`<DataEncryptionInfo authenticate="true"><EncryptionPubKeyDigest Version="` + e.KeyVersion + `" Algorithm="` + algorithmSHA256 + `">`)
	b.WriteString(base64.StdEncoding.EncodeToString(e.KeyDigest))
	b.WriteString(`</EncryptionPubKeyDigest><TransactionKey>`)
	b.WriteString(base64.StdEncoding.EncodeToString(e.TransactionKey))
	b.WriteString(`</TransactionKey></DataEncryptionInfo>`)
}

// document assembles the parts of a message of ours and, with a key, signs it.
func document(v ebics.Version, kind Kind, header, body string, key *rsa.PrivateKey) ([]byte, error) {
	space := Namespace(v)
	if space == "" {
		return nil, structure("version %q is not known", clip(string(v)))
	}
	const declaration = `<?xml version="1.0" encoding="UTF-8"?>`
	open := declaration + `<` + string(kind) + ` xmlns="` + space + `" xmlns:ds="` + NamespaceDS + `" Version="` + string(v) + `" Revision="1">`
	end := `</` + string(kind) + `>`
	if key == nil {
		return []byte(open + header + body + end), nil
	}
	return sign(open, open+header, body+end, end, key)
}

// escape writes free text as XML character data.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
