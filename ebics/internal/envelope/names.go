package envelope

// Namespaces and the fixed names of algorithms.
const (
	NamespaceH003 = "http://www.ebics.org/H003"
	NamespaceH004 = "urn:org:ebics:H004"
	NamespaceH005 = "urn:org:ebics:H005"
	NamespaceS001 = "http://www.ebics.org/S001"
	NamespaceDS   = "http://www.w3.org/2000/09/xmldsig#"

	algorithmC14N   = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	algorithmRSA    = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	algorithmSHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	referenceURI    = "#xpointer(//*[@authenticate='true'])"
)

// Kind is the root element of a message.
type Kind string

// The messages of EBICS 2.5 that have a body.
const (
	EbicsRequest                Kind = "ebicsRequest"
	EbicsResponse               Kind = "ebicsResponse"
	EbicsUnsecuredRequest       Kind = "ebicsUnsecuredRequest"
	EbicsNoPubKeyDigestsRequest Kind = "ebicsNoPubKeyDigestsRequest"
	EbicsKeyManagementResponse  Kind = "ebicsKeyManagementResponse"
	EbicsUnsignedRequest        Kind = "ebicsUnsignedRequest"
	EbicsHEVRequest             Kind = "ebicsHEVRequest"
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
