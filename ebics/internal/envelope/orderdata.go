package envelope

import (
	"strings"
	"time"

	"kontor/ebics"
	"kontor/xmlscan"
)

// MaxKeyOrderData limits the inflated order data of key management and the
// signatures of an upload, in bytes.
const MaxKeyOrderData = 256 << 10

// KeyOrderData is the content of the orders that send keys: whose they are, and
// which. INI and PUB set the signature key, HIA and HCA the other two, H3K and
// HCS all three.
type KeyOrderData struct {
	Subscriber                            ebics.Subscriber
	Signature, Authentication, Encryption *ebics.PublicKey
}

func parseOrderData(data []byte) (*node, error) {
	return parse(data, xmlscan.Limits{Bytes: MaxKeyOrderData, Depth: maxDepth, Attributes: 16, Token: MaxKeyOrderData})
}

// KeyError says that a key in order data cannot be used: which one, and why.
type KeyError struct {
	Element string // SignaturePubKeyInfo, AuthenticationPubKeyInfo or EncryptionPubKeyInfo; for H3K …CertificateInfo
	Version string
	Err     error
}

func (e *KeyError) Error() string { return e.Element + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *KeyError) Unwrap() error { return e.Err }

// keyPart is one key in a document with keys.
type keyPart struct {
	element, version string // names of the elements
	signature        bool   // a signature key, which PUB, INI and HCS have in the signature namespace
	key              func(*KeyOrderData) **ebics.PublicKey
}

// keyLayout is the root and the keys of an order type's document, in the schema's
// order.
type keyLayout struct {
	root      string
	signature bool // the whole document is in the signature namespace
	parts     []keyPart
}

var (
	signaturePart = keyPart{"SignaturePubKeyInfo", "SignatureVersion", true, func(k *KeyOrderData) **ebics.PublicKey { return &k.Signature }}
	authPart      = keyPart{"AuthenticationPubKeyInfo", "AuthenticationVersion", false, func(k *KeyOrderData) **ebics.PublicKey { return &k.Authentication }}
	encPart       = keyPart{"EncryptionPubKeyInfo", "EncryptionVersion", false, func(k *KeyOrderData) **ebics.PublicKey { return &k.Encryption }}
)

// layout returns that of an order type; false for one that sends no keys.
func layout(t ebics.OrderType) (keyLayout, bool) {
	switch t {
	case ebics.INI, ebics.PUB:
		return keyLayout{"SignaturePubKeyOrderData", true, []keyPart{signaturePart}}, true
	case ebics.HIA:
		return keyLayout{"HIARequestOrderData", false, []keyPart{authPart, encPart}}, true
	case ebics.HCA:
		return keyLayout{"HCARequestOrderData", false, []keyPart{authPart, encPart}}, true
	case ebics.HCS:
		return keyLayout{"HCSRequestOrderData", false, []keyPart{authPart, encPart, signaturePart}}, true
	case ebics.H3K:
		parts := []keyPart{signaturePart, authPart, encPart}
		for i := range parts {
			parts[i].element = strings.Replace(parts[i].element, "PubKeyInfo", "CertificateInfo", 1)
			parts[i].signature = false
		}
		return keyLayout{"H3KRequestOrderData", false, parts}, true
	}
	return keyLayout{}, false
}

// WriteKeys writes the order data of INI, PUB, HIA, HCA, HCS or H3K in the words of
// a version; at is when the keys were made. Certificates are written if the keys
// have them; H005 and H3K know nothing else.
func WriteKeys(v ebics.Version, t ebics.OrderType, k KeyOrderData, at time.Time) ([]byte, error) {
	l, ok := layout(t)
	if !ok || Namespace(v) == "" || t == ebics.H3K && v == ebics.H003 {
		return nil, structure("%s of %s sends no keys", clip(string(t)), clip(string(v)))
	}
	space := Namespace(v)
	if l.signature {
		space = signatureNamespace(v)
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><` + l.root + ` xmlns="` + space + `" xmlns:ds="` + NamespaceDS + `">`)
	for _, part := range l.parts {
		key := *part.key(&k)
		if key == nil {
			return nil, structure("%s without its %s", t, part.element)
		}
		own := space
		if part.signature {
			own = signatureNamespace(v)
		}
		if err := writePubKeyInfo(&b, pubKeyInfo{v, part.element, part.version, *key, own != space, own, at}); err != nil {
			return nil, err
		}
	}
	b.WriteString(`<PartnerID>` + string(k.Subscriber.Partner) + `</PartnerID><UserID>` + string(k.Subscriber.User) + `</UserID></` + l.root + `>`)
	return []byte(b.String()), nil
}

// ReadKeys reads the order data of INI, PUB, HIA, HCA, HCS or H3K, in whichever
// version it is written. A key that cannot be used is *KeyError.
func ReadKeys(t ebics.OrderType, data []byte) (KeyOrderData, error) {
	var k KeyOrderData
	l, ok := layout(t)
	if !ok {
		return k, structure("%s sends no keys", clip(string(t)))
	}
	root, err := parseOrderData(data)
	if err != nil {
		return k, err
	}
	known := version(root.space) != ""
	if l.signature {
		known = signatureSpace(root.space)
	}
	if root.local != l.root || !known {
		return k, structure("order data of %s is %s", t, clip(root.local))
	}
	c := in(root)
	infos := make([]*node, len(l.parts))
	for i, part := range l.parts {
		space := root.space
		if part.signature && !l.signature && len(c.rest) > 0 && signatureSpace(c.rest[0].space) {
			space = c.rest[0].space
		}
		infos[i] = c.required(space, part.element)
	}
	if k.Subscriber, err = readOwner(c, root.space); err != nil {
		return k, err
	}
	for i, part := range l.parts {
		key, err := readPubKeyInfo(infos[i], part.version)
		if err != nil {
			return k, err
		}
		*part.key(&k) = key
	}
	return k, nil
}

func signatureSpace(space string) bool { return space == NamespaceS001 || space == NamespaceS002 }

// readOwner reads the subscriber at the end of order data with keys.
func readOwner(c *cursor, space string) (ebics.Subscriber, error) {
	partner, partnerErr := ebics.ParsePartnerID(c.leaf(c.required(space, "PartnerID")))
	user, userErr := ebics.ParseUserID(c.leaf(c.required(space, "UserID")))
	c.foreign(space)
	if err := c.end(); err != nil {
		return ebics.Subscriber{}, err
	}
	if partnerErr != nil || userErr != nil {
		return ebics.Subscriber{}, structure("subscriber is malformed")
	}
	return ebics.Subscriber{Partner: partner, User: user}, nil
}

// WriteHPB writes HPBResponseOrderData. In H005 the keys must have certificates.
func WriteHPB(v ebics.Version, host ebics.HostID, keys ebics.BankPublicKeys, at time.Time) ([]byte, error) {
	space := Namespace(v)
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><HPBResponseOrderData xmlns="` + space + `" xmlns:ds="` + NamespaceDS + `">`)
	for _, part := range []struct {
		keyPart
		key ebics.PublicKey
	}{{authPart, keys.Authentication}, {encPart, keys.Encryption}} {
		if err := writePubKeyInfo(&b, pubKeyInfo{v, part.element, part.version, part.key, false, space, at}); err != nil {
			return nil, err
		}
	}
	b.WriteString(`<HostID>` + escape(string(host)) + `</HostID></HPBResponseOrderData>`)
	return []byte(b.String()), nil
}

// ReadHPB reads HPBResponseOrderData of any version: the bank's keys, checked,
// and its host id. Also in H005 some banks send bare keys.
func ReadHPB(data []byte) (ebics.BankPublicKeys, ebics.HostID, error) {
	var keys ebics.BankPublicKeys
	root, err := parseOrderData(data)
	if err != nil {
		return keys, "", err
	}
	space := root.space
	if version(space) == "" || root.local != "HPBResponseOrderData" {
		return keys, "", structure("order data of HPB is %s", clip(root.local))
	}
	c := in(root)
	authentication := c.required(space, "AuthenticationPubKeyInfo")
	encryption := c.required(space, "EncryptionPubKeyInfo")
	host, hostErr := ebics.ParseHostID(c.leaf(c.required(space, "HostID")))
	c.foreign(space)
	if err := c.end(); err != nil {
		return keys, "", err
	}
	if hostErr != nil {
		return keys, "", structure("HostID is malformed")
	}
	a, err := readPubKeyInfo(authentication, "AuthenticationVersion")
	if err != nil {
		return keys, "", err
	}
	e, err := readPubKeyInfo(encryption, "EncryptionVersion")
	if err != nil {
		return keys, "", err
	}
	keys = ebics.BankPublicKeys{Authentication: *a, Encryption: *e}
	return keys, host, keys.Check()
}
