package envelope

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"kontor/ebics/internal/crypto"
	"kontor/xmlscan/c14n"
)

// ErrSignature says that the authentication signature X002 is missing or wrong.
var ErrSignature = errors.New("authentication signature X002 is wrong")

// authSignature is what AuthSignature says, read from exactly the structure
// that EBICS prescribes.
type authSignature struct {
	digest []byte
	value  []byte
}

// readAuthSignature insists on one SignedInfo with one Reference and on the
// exact algorithms: anything else could make the signature say something that
// this program does not check.
func readAuthSignature(n *node) (authSignature, error) {
	c := in(n)
	signedInfo := c.required(NamespaceDS, "SignedInfo")
	value := c.required(NamespaceDS, "SignatureValue")
	valueText := c.leaf(value)
	if err := c.end(); err != nil {
		return authSignature{}, err
	}
	s := in(signedInfo)
	c14nMethod := s.required(NamespaceDS, "CanonicalizationMethod")
	signatureMethod := s.required(NamespaceDS, "SignatureMethod")
	reference := s.required(NamespaceDS, "Reference")
	if err := s.end(); err != nil {
		return authSignature{}, err
	}
	r := in(reference)
	transforms := r.required(NamespaceDS, "Transforms")
	digestMethod := r.required(NamespaceDS, "DigestMethod")
	digestText := r.leaf(r.required(NamespaceDS, "DigestValue"))
	if err := r.end(); err != nil {
		return authSignature{}, err
	}
	t := in(transforms)
	transform := t.required(NamespaceDS, "Transform")
	if err := t.end(); err != nil {
		return authSignature{}, err
	}
	for _, a := range []struct {
		n         *node
		name, uri string
	}{
		{c14nMethod, "Algorithm", algorithmC14N}, {signatureMethod, "Algorithm", algorithmRSA}, {reference, "URI", referenceURI},
		{transform, "Algorithm", algorithmC14N}, {digestMethod, "Algorithm", algorithmSHA256},
	} {
		if err := exactAttribute(a.n, a.name, a.uri); err != nil {
			return authSignature{}, err
		}
	}
	digest, err := crypto.DecodeBase64([]byte(digestText))
	if err != nil || len(digest) != sha256.Size {
		return authSignature{}, structure("DigestValue is not a SHA-256 hash")
	}
	signature, err := crypto.DecodeBase64([]byte(valueText))
	if err != nil || len(signature) == 0 {
		return authSignature{}, structure("SignatureValue is not base64")
	}
	return authSignature{digest: digest, value: signature}, nil
}

// exactAttribute wants the attribute with this value and no other; elements
// inside a method (parameters of an algorithm) are refused, too.
func exactAttribute(n *node, name, value string) error {
	got, ok := n.attribute(name)
	if !ok || got != value || len(n.attrs) != 1 {
		return structure("%s of %s is not %s", name, n.local, value)
	}
	if n.local != "Reference" && n.local != "Transforms" && (len(n.children) > 0 || !n.blank()) {
		return structure("%s has parameters", n.local)
	}
	return nil
}

// checkMarks refuses authenticate attributes anywhere but on the given
// elements, so that the signature covers these and nothing else, and the
// elements, which are read by their place, are the ones it covers. Also a mark
// with another value, or in a namespace, is refused: other readers might see it
// differently.
func checkMarks(n *node, places []*node) error {
	for _, a := range n.attrs {
		if a.local != "authenticate" {
			continue
		}
		if a.space != "" || a.value != "true" || !slices.Contains(places, n) {
			return structure("authenticate on %s", clip(n.local))
		}
	}
	for _, child := range n.children {
		if err := checkMarks(child, places); err != nil {
			return err
		}
	}
	return nil
}

// requireMarks wants authenticate="true" on every given element.
func requireMarks(places []*node) error {
	for _, n := range places {
		if value, ok := n.attribute("authenticate"); !ok || value != "true" {
			return structure("%s is not authenticated", n.local)
		}
	}
	return nil
}

// authenticatedDigest hashes the canonical forms of all elements with
// authenticate="true", in document order, and says how many there were.
func authenticatedDigest(doc []byte) ([sha256.Size]byte, int, error) {
	canonical, count, err := c14n.Select(nil, doc, messageLimits(doc), func(e c14n.Element) bool {
		value, ok := e.Attr("authenticate")
		return ok && string(value) == "true"
	})
	return sha256.Sum256(canonical), count, err
}

// signedInfoDigest hashes the canonical form of the one SignedInfo.
func signedInfoDigest(doc []byte) ([sha256.Size]byte, error) {
	canonical, count, err := c14n.Select(nil, doc, messageLimits(doc), func(e c14n.Element) bool {
		return string(e.Local()) == "SignedInfo" && string(e.Space()) == NamespaceDS && e.Depth() == 3
	})
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	if count != 1 {
		return [sha256.Size]byte{}, structure("%d SignedInfo elements", count)
	}
	return sha256.Sum256(canonical), nil
}

// verifySignature checks both halves: that SignedInfo is signed by the key, and
// that the authenticated elements, as many as the structure has, are those that
// SignedInfo names.
func verifySignature(doc []byte, s authSignature, marked int, key *rsa.PublicKey) error {
	infoDigest, err := signedInfoDigest(doc)
	if err != nil {
		return err
	}
	if err := crypto.VerifyDigest(key, infoDigest, s.value); err != nil {
		return ErrSignature
	}
	digest, count, err := authenticatedDigest(doc)
	if err != nil {
		return err
	}
	if count != marked || subtle.ConstantTimeCompare(digest[:], s.digest) != 1 {
		return ErrSignature
	}
	return nil
}

// sign completes a message of ours. before and after are the document without
// its AuthSignature; open is the root's start tag, as in before, so that
// SignedInfo is canonicalised with the namespaces it will have.
func sign(open, before, after, end string, key *rsa.PrivateKey) ([]byte, error) {
	digest, count, err := authenticatedDigest([]byte(before + after))
	if err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	if count == 0 {
		return nil, errors.New("sign message: nothing to authenticate")
	}
	signedInfo := `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + algorithmC14N + `"/><ds:SignatureMethod Algorithm="` + algorithmRSA +
		`"/><ds:Reference URI="` + referenceURI + `"><ds:Transforms><ds:Transform Algorithm="` + algorithmC14N +
		`"/></ds:Transforms><ds:DigestMethod Algorithm="` + algorithmSHA256 + `"/><ds:DigestValue>` + base64.StdEncoding.EncodeToString(digest[:]) +
		`</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	infoDigest, err := signedInfoDigest([]byte(open + "<AuthSignature>" + signedInfo + "</AuthSignature>" + end))
	if err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	value, err := crypto.SignDigest(key, infoDigest)
	if err != nil {
		return nil, err
	}
	return []byte(before + "<AuthSignature>" + signedInfo + "<ds:SignatureValue>" + base64.StdEncoding.EncodeToString(value) +
		"</ds:SignatureValue></AuthSignature>" + after), nil
}
