package envelope

import (
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/xmlscan"
)

// MaxKeyOrderData limits the inflated order data of INI, HIA and HPB and the
// signatures of an upload, in bytes.
const MaxKeyOrderData = 256 << 10

// KeyOrderData is the content of INI and HIA: keys and whose they are.
type KeyOrderData struct {
	Subscriber ebics.Subscriber
	// Signature is set by INI, the other two by HIA.
	Signature, Authentication, Encryption *ebics.PublicKey
}

// OrderSignature is one order signature out of UserSignatureData.
type OrderSignature struct {
	Version    string // A005 or A006
	Subscriber ebics.Subscriber
	Value      []byte
}

func parseOrderData(data []byte) (*node, error) {
	return parse(data, xmlscan.Limits{Bytes: MaxKeyOrderData, Depth: maxDepth, Attributes: 16, Token: MaxKeyOrderData})
}

// KeyError says that a key in order data cannot be used: which one, and why.
type KeyError struct {
	Element string // SignaturePubKeyInfo, AuthenticationPubKeyInfo or EncryptionPubKeyInfo
	Version string
	Err     error
}

func (e *KeyError) Error() string { return e.Element + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *KeyError) Unwrap() error { return e.Err }

// readPubKeyInfo reads PubKeyInfoType: certificates may stand before the key
// value; they are not used in H004.
func readPubKeyInfo(n *node, space, versionElement string) (*ebics.PublicKey, error) {
	c := in(n)
	c.optional(NamespaceDS, "X509Data")
	v := in(c.required(space, "PubKeyValue"))
	k := in(v.required(NamespaceDS, "RSAKeyValue"))
	modulusText := k.leaf(k.required(NamespaceDS, "Modulus"))
	exponentText := k.leaf(k.required(NamespaceDS, "Exponent"))
	if err := k.end(); err != nil {
		return nil, err
	}
	v.optional(space, "TimeStamp")
	v.foreign(space)
	if err := v.end(); err != nil {
		return nil, err
	}
	c.foreign(space)
	version := c.leaf(c.required(space, versionElement))
	if err := c.end(); err != nil {
		return nil, err
	}
	modulus, modulusErr := crypto.DecodeBase64([]byte(modulusText))
	exponent, exponentErr := crypto.DecodeBase64([]byte(exponentText))
	if modulusErr != nil || exponentErr != nil {
		return nil, structure("%s is not base64", n.local)
	}
	key, err := ebics.NewPublicKey(version, modulus, exponent)
	if err != nil {
		return nil, &KeyError{Element: n.local, Version: version, Err: err}
	}
	return &key, nil
}

func writePubKeyInfo(b *strings.Builder, name, versionElement string, key ebics.PublicKey, at time.Time) {
	number := func(n *big.Int) string { return base64.StdEncoding.EncodeToString(n.Bytes()) }
	b.WriteString(`<` + name + `><PubKeyValue><ds:RSAKeyValue><ds:Modulus>` + number(key.Key.N) + `</ds:Modulus><ds:Exponent>` +
		number(big.NewInt(int64(key.Key.E))) + `</ds:Exponent></ds:RSAKeyValue><TimeStamp>` + at.UTC().Format("2006-01-02T15:04:05Z") +
		`</TimeStamp></PubKeyValue><` + versionElement + `>` + key.Version + `</` + versionElement + `></` + name + `>`)
}

// WriteINI writes SignaturePubKeyOrderData; at is when the key was made.
func WriteINI(s ebics.Subscriber, key ebics.PublicKey, at time.Time) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><SignaturePubKeyOrderData xmlns="` + NamespaceS001 + `" xmlns:ds="` + NamespaceDS + `">`)
	writePubKeyInfo(&b, "SignaturePubKeyInfo", "SignatureVersion", key, at)
	b.WriteString(`<PartnerID>` + string(s.Partner) + `</PartnerID><UserID>` + string(s.User) + `</UserID></SignaturePubKeyOrderData>`)
	return []byte(b.String())
}

// WriteHIA writes HIARequestOrderData.
func WriteHIA(s ebics.Subscriber, authentication, encryption ebics.PublicKey, at time.Time) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><HIARequestOrderData xmlns="` + NamespaceH004 + `" xmlns:ds="` + NamespaceDS + `">`)
	writePubKeyInfo(&b, "AuthenticationPubKeyInfo", "AuthenticationVersion", authentication, at)
	writePubKeyInfo(&b, "EncryptionPubKeyInfo", "EncryptionVersion", encryption, at)
	b.WriteString(`<PartnerID>` + string(s.Partner) + `</PartnerID><UserID>` + string(s.User) + `</UserID></HIARequestOrderData>`)
	return []byte(b.String())
}

// ReadINI reads SignaturePubKeyOrderData. A key that cannot be used is *KeyError.
func ReadINI(data []byte) (KeyOrderData, error) {
	root, err := parseOrderData(data)
	if err != nil {
		return KeyOrderData{}, err
	}
	if root.space != NamespaceS001 || root.local != "SignaturePubKeyOrderData" {
		return KeyOrderData{}, structure("order data of INI is %s", clip(root.local))
	}
	c := in(root)
	info := c.required(NamespaceS001, "SignaturePubKeyInfo")
	k, err := readOwner(c, NamespaceS001)
	if err != nil {
		return k, err
	}
	k.Signature, err = readPubKeyInfo(info, NamespaceS001, "SignatureVersion")
	return k, err
}

// ReadHIA reads HIARequestOrderData. A key that cannot be used is *KeyError.
func ReadHIA(data []byte) (KeyOrderData, error) {
	root, err := parseOrderData(data)
	if err != nil {
		return KeyOrderData{}, err
	}
	if root.space != NamespaceH004 || root.local != "HIARequestOrderData" {
		return KeyOrderData{}, structure("order data of HIA is %s", clip(root.local))
	}
	c := in(root)
	authentication := c.required(NamespaceH004, "AuthenticationPubKeyInfo")
	encryption := c.required(NamespaceH004, "EncryptionPubKeyInfo")
	k, err := readOwner(c, NamespaceH004)
	if err != nil {
		return k, err
	}
	if k.Authentication, err = readPubKeyInfo(authentication, NamespaceH004, "AuthenticationVersion"); err != nil {
		return k, err
	}
	k.Encryption, err = readPubKeyInfo(encryption, NamespaceH004, "EncryptionVersion")
	return k, err
}

// readOwner reads the subscriber at the end of order data with keys.
func readOwner(c *cursor, space string) (KeyOrderData, error) {
	partner, partnerErr := ebics.ParsePartnerID(c.leaf(c.required(space, "PartnerID")))
	user, userErr := ebics.ParseUserID(c.leaf(c.required(space, "UserID")))
	c.foreign(space)
	if err := c.end(); err != nil {
		return KeyOrderData{}, err
	}
	if partnerErr != nil || userErr != nil {
		return KeyOrderData{}, structure("subscriber is malformed")
	}
	return KeyOrderData{Subscriber: ebics.Subscriber{Partner: partner, User: user}}, nil
}

// WriteHPB writes HPBResponseOrderData.
func WriteHPB(host ebics.HostID, keys ebics.BankPublicKeys, at time.Time) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><HPBResponseOrderData xmlns="` + NamespaceH004 + `" xmlns:ds="` + NamespaceDS + `">`)
	writePubKeyInfo(&b, "AuthenticationPubKeyInfo", "AuthenticationVersion", keys.Authentication, at)
	writePubKeyInfo(&b, "EncryptionPubKeyInfo", "EncryptionVersion", keys.Encryption, at)
	b.WriteString(`<HostID>` + escape(string(host)) + `</HostID></HPBResponseOrderData>`)
	return []byte(b.String())
}

// ReadHPB reads HPBResponseOrderData: the bank's keys, checked, and its host id.
func ReadHPB(data []byte) (ebics.BankPublicKeys, ebics.HostID, error) {
	var keys ebics.BankPublicKeys
	root, err := parseOrderData(data)
	if err != nil {
		return keys, "", err
	}
	if root.space != NamespaceH004 || root.local != "HPBResponseOrderData" {
		return keys, "", structure("order data of HPB is %s", clip(root.local))
	}
	c := in(root)
	authentication := c.required(NamespaceH004, "AuthenticationPubKeyInfo")
	encryption := c.required(NamespaceH004, "EncryptionPubKeyInfo")
	host, hostErr := ebics.ParseHostID(c.leaf(c.required(NamespaceH004, "HostID")))
	c.foreign(NamespaceH004)
	if err := c.end(); err != nil {
		return keys, "", err
	}
	if hostErr != nil {
		return keys, "", structure("HostID is malformed")
	}
	a, err := readPubKeyInfo(authentication, NamespaceH004, "AuthenticationVersion")
	if err != nil {
		return keys, "", err
	}
	e, err := readPubKeyInfo(encryption, NamespaceH004, "EncryptionVersion")
	if err != nil {
		return keys, "", err
	}
	keys = ebics.BankPublicKeys{Authentication: *a, Encryption: *e}
	return keys, host, keys.Check()
}

// WriteSignatures writes UserSignatureData (S001) with the given signatures.
func WriteSignatures(signatures ...OrderSignature) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><UserSignatureData xmlns="` + NamespaceS001 + `">`)
	for _, s := range signatures {
		b.WriteString(`<OrderSignatureData><SignatureVersion>` + s.Version + `</SignatureVersion><SignatureValue>` +
			base64.StdEncoding.EncodeToString(s.Value) + `</SignatureValue><PartnerID>` + string(s.Subscriber.Partner) +
			`</PartnerID><UserID>` + string(s.Subscriber.User) + `</UserID></OrderSignatureData>`)
	}
	b.WriteString(`</UserSignatureData>`)
	return []byte(b.String())
}

// ReadSignatures reads UserSignatureData (S001): one to 20 signatures in the
// structured form that A005 and A006 use.
func ReadSignatures(data []byte) ([]OrderSignature, error) {
	root, err := parseOrderData(data)
	if err != nil {
		return nil, err
	}
	if root.space != NamespaceS001 || root.local != "UserSignatureData" {
		return nil, structure("signature data is %s", clip(root.local))
	}
	c := in(root)
	var signatures []OrderSignature
	for n := c.optional(NamespaceS001, "OrderSignatureData"); n != nil; n = c.optional(NamespaceS001, "OrderSignatureData") {
		s := in(n)
		version := s.leaf(s.required(NamespaceS001, "SignatureVersion"))
		value, valueErr := crypto.DecodeBase64([]byte(s.leaf(s.required(NamespaceS001, "SignatureValue"))))
		partner, partnerErr := ebics.ParsePartnerID(s.leaf(s.required(NamespaceS001, "PartnerID")))
		user, userErr := ebics.ParseUserID(s.leaf(s.required(NamespaceS001, "UserID")))
		s.optional(NamespaceDS, "X509Data")
		if err := s.end(); err != nil {
			return nil, err
		}
		if valueErr != nil || partnerErr != nil || userErr != nil {
			return nil, structure("order signature is malformed")
		}
		signatures = append(signatures, OrderSignature{Version: version, Subscriber: ebics.Subscriber{Partner: partner, User: user}, Value: value})
	}
	c.foreign(NamespaceS001)
	if err := c.end(); err != nil {
		return nil, err
	}
	if len(signatures) == 0 || len(signatures) > 20 {
		return nil, structure("%d order signatures", len(signatures))
	}
	return signatures, nil
}
