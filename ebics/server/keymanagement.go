package server

import (
	"context"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// storeKeys handles INI, HIA and H3K.
func (s *Server) storeKeys(ctx context.Context, x *exchange, m *envelope.Message) ebics.ReturnCode {
	r, err := m.ReadUnsecured()
	if err != nil {
		return ebics.InvalidXML
	}
	data, err := crypto.Inflate(r.OrderData, envelope.MaxKeyOrderData)
	if err != nil {
		return ebics.InvalidOrderDataFormat
	}
	switch r.Type {
	case ebics.INI, ebics.HIA:
	case ebics.H3K:
		if _, able := s.bank.(CertificateTaker); !able {
			return ebics.UnsupportedOrderType
		}
	default:
		return ebics.UnsupportedOrderType
	}
	keys, code := s.readKeys(r.Type, r.Version, data, r.Subscriber)
	if code != ebics.OK {
		return code
	}
	switch r.Type {
	case ebics.INI:
		code, err = s.bank.StoreSignatureKey(ctx, r.Subscriber, *keys.Signature)
	case ebics.HIA:
		code, err = s.bank.StoreKeys(ctx, r.Subscriber, *keys.Authentication, *keys.Encryption)
	case ebics.H3K:
		taker, _ := s.bank.(CertificateTaker)
		code, err = taker.StoreCertificates(ctx, r.Subscriber, *keys.Signature, *keys.Authentication, *keys.Encryption)
	}
	if err != nil {
		return x.failed(err)
	}
	x.told = true
	return code
}

// readKeys reads order data with keys and judges them: whose they are, their
// versions and certificates, and that none serves two purposes.
func (s *Server) readKeys(t ebics.OrderType, v ebics.Version, data []byte, who ebics.Subscriber) (envelope.KeyOrderData, ebics.ReturnCode) {
	keys, err := envelope.ReadKeys(t, data)
	switch {
	case err != nil:
		return keys, keyCode(err)
	case keys.Subscriber.Partner != who.Partner:
		return keys, ebics.PartnerIDMismatch
	case keys.Subscriber.User != who.User:
		return keys, ebics.InvalidRequestContent
	case keys.Signature != nil && keys.Signature.Version != ebics.A005 && keys.Signature.Version != ebics.A006:
		return keys, ebics.KeymgmtUnsupportedSignatureVersion
	case keys.Authentication != nil && keys.Authentication.Version != ebics.X002:
		return keys, ebics.KeymgmtUnsupportedAuthenticationVersion
	case keys.Encryption != nil && keys.Encryption.Version != ebics.E002:
		return keys, ebics.KeymgmtUnsupportedEncryptionVersion
	}
	var seen []*ebics.PublicKey
	for _, key := range []*ebics.PublicKey{keys.Signature, keys.Authentication, keys.Encryption} {
		if key == nil {
			continue
		}
		for _, other := range seen {
			if other.Key.Equal(key.Key) {
				return keys, ebics.KeymgmtDuplicateKey
			}
		}
		seen = append(seen, key)
		if code := s.judgeCertificate(t, v, *key); code != ebics.OK {
			return keys, code
		}
	}
	return keys, ebics.OK
}

// judgeCertificate wants certificates where the version or the order type has
// nothing else, and looks into them if they are what is trusted (H3K) or the bank
// is strict.
func (s *Server) judgeCertificate(t ebics.OrderType, v ebics.Version, key ebics.PublicKey) ebics.ReturnCode {
	needed := v == ebics.H005 || t == ebics.H3K
	if key.Certificate == nil {
		if needed {
			return ebics.OnlyX509Support
		}
		return ebics.OK
	}
	if t != ebics.H3K && !s.options.Strict {
		return ebics.OK
	}
	var refused *ebics.CertificateError
	if errors.As(ebics.CheckCertificate(key, s.options.Now()), &refused) {
		return refused.Code
	}
	return ebics.OK
}

// keyCode says what is wrong with order data that sends keys.
func keyCode(err error) ebics.ReturnCode {
	var key *envelope.KeyError
	if !errors.As(err, &key) {
		return ebics.InvalidOrderDataFormat
	}
	switch key.Element {
	case "SignaturePubKeyInfo", "SignatureCertificateInfo":
		return ebics.KeymgmtKeylengthErrorSignature
	case "AuthenticationPubKeyInfo", "AuthenticationCertificateInfo":
		return ebics.KeymgmtKeylengthErrorAuthentication
	}
	return ebics.KeymgmtKeylengthErrorEncryption
}

// hpb hands out the bank's keys, encrypted for the subscriber.
func (s *Server) hpb(ctx context.Context, x *exchange, m *envelope.Message) ([]byte, error) {
	state, code := s.authenticate(ctx, x, m, x.claim.Subscriber)
	if code != ebics.OK {
		return s.manage(x, code)
	}
	r, err := m.VerifyRequest(*state.Authentication)
	if err != nil || r.Order.Subscriber != x.claim.Subscriber || r.Host != x.claim.Host {
		return s.manage(x, ebics.InvalidRequest)
	}
	x.attribute = r.Order.Attribute
	if r.Order.Type != ebics.HPB {
		return s.manage(x, ebics.UnsupportedOrderType)
	}
	if code := s.checkNonce(ctx, x, r); code != ebics.OK {
		return s.manage(x, code)
	}
	data, err := s.writeHPB(x.version)
	if err != nil {
		return s.manage(x, x.failed(err))
	}
	info, ciphertext, err := encryptFor(*state.Encryption, data)
	if err != nil {
		return s.manage(x, x.failed(err))
	}
	technical, business, text := x.codes(ebics.OK)
	return envelope.KeyManagementResponse{
		Version: x.version, Technical: technical, Business: business, ReportText: text, Encryption: info,
		OrderData: base64.StdEncoding.AppendEncode(nil, ciphertext),
	}.Write()
}

// writeHPB writes the bank's keys: in H005 in certificates, before as the bank has
// them.
func (s *Server) writeHPB(v ebics.Version) ([]byte, error) {
	keys := s.bank.Keys()
	if v == ebics.H005 {
		var err error
		if keys, err = s.keys(); err != nil {
			return nil, err
		}
	}
	return envelope.WriteHPB(v, s.bank.HostID(), keys.Public(), s.options.Now())
}

// ownCertificates is how long the server's own certificates hold; they begin at a
// fixed time, so that the same key always gets the same one.
var ownCertificates = ebics.Validity{
	NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC),
}

// Certified returns a bank's keys in the certificates that the server hands them
// out in where the version wants some and the bank has none: for a bank that
// publishes their hashes. The same keys always get the same ones.
func Certified(host ebics.HostID, keys ebics.BankKeys) (ebics.BankKeys, error) {
	return keys.SelfSigned(pkix.Name{CommonName: string(host)}, ownCertificates)
}

// keys are the bank's keys with certificates.
func (s *Server) keys() (ebics.BankKeys, error) {
	keys := s.bank.Keys()
	if keys.Authentication.Certificate != nil && keys.Encryption.Certificate != nil {
		return keys, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certified.Authentication.Key != nil && s.certified.Public().Equal(keys.Public()) {
		return s.certified, nil
	}
	certified, err := Certified(s.bank.HostID(), keys)
	if err == nil {
		s.certified = certified
	}
	return certified, err
}

// hev tells which versions the server speaks.
func (s *Server) hev(x *exchange, m *envelope.Message) ([]byte, error) {
	host, err := m.ReadHEVRequest()
	code := ebics.OK
	switch {
	case err != nil:
		code = ebics.InvalidXML
	case host != s.bank.HostID():
		code = ebics.InvalidHostID
	}
	answer := envelope.HEVResponse{Code: code}
	_, _, answer.ReportText = x.codes(code)
	x.claim.OrderType = "HEV"
	if code == ebics.OK {
		for _, v := range slices.Backward(s.options.Versions) {
			answer.Offered = append(answer.Offered, envelope.Offered{Protocol: string(v), Release: v.Release()})
		}
	}
	return answer.Write(), nil
}

// encryptFor compresses and encrypts data for a subscriber under a fresh key.
func encryptFor(receiver ebics.PublicKey, data []byte) (*envelope.EncryptionInfo, []byte, error) {
	key := crypto.NewTransactionKey()
	wrapped, err := crypto.WrapKey(receiver.Key, key)
	if err != nil {
		return nil, nil, err
	}
	ciphertext, err := crypto.Encrypt(key, data)
	if err != nil {
		return nil, nil, err
	}
	digest := receiver.Digest()
	return &envelope.EncryptionInfo{KeyVersion: ebics.E002, KeyDigest: digest[:], TransactionKey: wrapped}, ciphertext, nil
}
