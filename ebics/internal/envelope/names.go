package envelope

import "kontor/ebics"

// Namespaces and the fixed names of algorithms.
const (
	NamespaceH003 = "http://www.ebics.org/H003"
	NamespaceH004 = "urn:org:ebics:H004"
	NamespaceH005 = "urn:org:ebics:H005"
	NamespaceHEV  = "http://www.ebics.org/H000"
	NamespaceS001 = "http://www.ebics.org/S001" // order signatures of H003 and H004
	NamespaceS002 = "http://www.ebics.org/S002" // of H005
	NamespaceDS   = "http://www.w3.org/2000/09/xmldsig#"

	algorithmC14N   = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	algorithmRSA    = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	algorithmSHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	referenceURI    = "#xpointer(//*[@authenticate='true'])"
)

// Namespace is that of a version's messages, "" if the version is not known.
func Namespace(v ebics.Version) string {
	switch v {
	case ebics.H003:
		return NamespaceH003
	case ebics.H004:
		return NamespaceH004
	case ebics.H005:
		return NamespaceH005
	}
	return ""
}

// version is that of a namespace. The Version attribute of a root is not asked:
// some clients write a wrong one, and banks live with it.
func version(namespace string) ebics.Version {
	for _, v := range ebics.Versions() {
		if Namespace(v) == namespace {
			return v
		}
	}
	return ""
}

// signatureNamespace is that of a version's order signatures and signature keys.
func signatureNamespace(v ebics.Version) string {
	if v == ebics.H005 {
		return NamespaceS002
	}
	return NamespaceS001
}

// Kind is the root element of a message.
type Kind string

// The messages of EBICS.
const (
	EbicsRequest                Kind = "ebicsRequest"
	EbicsResponse               Kind = "ebicsResponse"
	EbicsUnsecuredRequest       Kind = "ebicsUnsecuredRequest"
	EbicsNoPubKeyDigestsRequest Kind = "ebicsNoPubKeyDigestsRequest"
	EbicsKeyManagementResponse  Kind = "ebicsKeyManagementResponse"
	EbicsUnsignedRequest        Kind = "ebicsUnsignedRequest"
	EbicsHEVRequest             Kind = "ebicsHEVRequest"
	EbicsHEVResponse            Kind = "ebicsHEVResponse"
)

// Phase is the phase of a transaction.
type Phase string

// The three phases.
const (
	Initialisation Phase = "Initialisation"
	Transfer       Phase = "Transfer"
	Receipt        Phase = "Receipt"
)

func (p Phase) valid() bool { return p == Initialisation || p == Transfer || p == Receipt }

// Segment is a segment's number, from 1, and whether it is the last.
type Segment struct {
	Number int
	Last   bool
}

// EncryptionInfo carries the encrypted transaction key and says for which key
// of the receiver it was encrypted.
type EncryptionInfo struct {
	KeyVersion     string // E002
	KeyDigest      []byte // SHA-256, PublicKey.Digest
	TransactionKey []byte // RSA-encrypted
}
