package letter

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"

	"kontor/ebics"
	"kontor/paper"
)

// parties says who writes to whom, and when.
func (w letterWords) parties(i Initialisation) block {
	all := rows{
		{Label: w.bank, Value: i.Bank},
		{Label: w.host, Value: string(i.Host)},
		{Label: w.partner, Value: string(i.Subscriber.Partner)},
		{Label: w.user, Value: string(i.Subscriber.User)},
		{Label: w.name, Value: i.Name},
		{Label: w.at, Value: i.At.Format(w.date) + ", " + i.At.Format("15:04:05") + " UTC" + i.At.Format("-07:00")},
	}
	var said rows
	for _, r := range all {
		if r.Value != "" {
			said = append(said, r)
		}
	}
	return said
}

// closing is what is signed.
func (w letterWords) closing(name string) []block {
	return []block{
		keep(42), gap(2), paragraph(w.confirmation),
		signatures{room: 14, labels: []string{w.place, strings.TrimSuffix(w.inCapitals+": "+name, ": "), w.signature}},
		note(w.toBank),
	}
}

// section describes a key as the specification lays it out: a bare key by exponent, modulus and hash, in upper-case hexadecimal and 16 bytes
// a row; a key with a certificate by the certificate in PEM and the hash of its DER form. The hash of the bare key stands there as well, for
// banks that compare it although they were sent a certificate.
func (w letterWords) section(key ebics.PublicKey) (section, error) {
	s := section{version: key.Version, order: ebics.HIA}
	switch key.Version {
	case ebics.A005, ebics.A006:
		s.order, s.heading = ebics.INI, w.forSignature
	case ebics.X002:
		s.heading = w.forAuthentication
	case ebics.E002:
		s.heading = w.forEncryption
	default:
		return s, fmt.Errorf("letter: key version %q is not known", clip(key.Version))
	}
	about := rows{{Label: w.version, Value: key.Version}, {Label: w.length, Value: fmt.Sprintf("%d %s", key.Key.N.BitLen(), w.bits)}}
	digest := key.Digest()
	if key.Certificate == nil {
		s.blocks = []block{
			about,
			digits{label: w.exponent, rows: hexRows(big.NewInt(int64(key.Key.E)).Bytes())},
			digits{label: w.modulus, rows: hexRows(key.Key.N.Bytes())},
			digits{label: w.keyHash, rows: hexRows(digest[:]), compare: true},
		}
		return s, nil
	}
	fingerprint := sha256.Sum256(key.Certificate.Raw)
	s.blocks = []block{
		append(about, w.certified(key.Certificate)...),
		digits{label: w.certificate, rows: pemRows(key.Certificate)},
		digits{label: w.certificateHash, rows: hexRows(fingerprint[:]), compare: true},
		digits{label: w.keyHash, rows: hexRows(digest[:])},
	}
	return s, nil
}

func (w letterWords) certified(c *x509.Certificate) []paper.Row {
	return []paper.Row{
		{Label: w.subject, Value: c.Subject.String()},
		{Label: w.issuer, Value: c.Issuer.String()},
		{Label: w.serial, Value: strings.Join(hexPairs(c.SerialNumber.Bytes()), " ")},
		{Label: w.valid, Value: c.NotBefore.UTC().Format(w.date) + " – " + c.NotAfter.UTC().Format(w.date)},
	}
}

func pemRows(c *x509.Certificate) []string {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// hexRows prints pairs of upper-case digits, 16 to a row.
func hexRows(data []byte) []string {
	pairs := hexPairs(data)
	var out []string
	for len(pairs) > 16 {
		out = append(out, strings.Join(pairs[:16], " "))
		pairs = pairs[16:]
	}
	return append(out, strings.Join(pairs, " "))
}

func hexPairs(data []byte) []string {
	pairs := make([]string, len(data))
	for i, b := range data {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return pairs
}
