package server

import (
	"context"
	"encoding/base64"
	"errors"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// storeKeys handles INI and HIA.
func (s *Server) storeKeys(ctx context.Context, x *exchange, m *envelope.Message) ebics.ReturnCode {
	r, err := m.ReadUnsecured()
	if err != nil {
		return ebics.InvalidXML
	}
	data, err := crypto.Inflate(r.OrderData, envelope.MaxKeyOrderData)
	if err != nil {
		return ebics.InvalidOrderDataFormat
	}
	var keys envelope.KeyOrderData
	switch r.Type {
	case ebics.INI:
		keys, err = envelope.ReadINI(data)
	case ebics.HIA:
		keys, err = envelope.ReadHIA(data)
	default:
		return ebics.UnsupportedOrderType
	}
	if err != nil {
		return keyCode(err)
	}
	if keys.Subscriber.Partner != r.Subscriber.Partner {
		return ebics.PartnerIDMismatch
	}
	if keys.Subscriber.User != r.Subscriber.User {
		return ebics.InvalidRequestContent
	}
	var code ebics.ReturnCode
	if r.Type == ebics.INI {
		if keys.Signature.Version != ebics.A005 && keys.Signature.Version != ebics.A006 {
			return ebics.KeymgmtUnsupportedSignatureVersion
		}
		code, err = s.bank.StoreSignatureKey(ctx, r.Subscriber, *keys.Signature)
	} else {
		switch {
		case keys.Authentication.Version != ebics.X002:
			return ebics.KeymgmtUnsupportedAuthenticationVersion
		case keys.Encryption.Version != ebics.E002:
			return ebics.KeymgmtUnsupportedEncryptionVersion
		case keys.Authentication.Key.Equal(keys.Encryption.Key):
			return ebics.KeymgmtDuplicateKey
		}
		code, err = s.bank.StoreKeys(ctx, r.Subscriber, *keys.Authentication, *keys.Encryption)
	}
	if err != nil {
		return x.failed(err)
	}
	x.told = true
	return code
}

// keyCode says what is wrong with order data of INI or HIA.
func keyCode(err error) ebics.ReturnCode {
	var key *envelope.KeyError
	if !errors.As(err, &key) {
		return ebics.InvalidOrderDataFormat
	}
	switch key.Element {
	case "SignaturePubKeyInfo":
		return ebics.KeymgmtKeylengthErrorSignature
	case "AuthenticationPubKeyInfo":
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
	data := envelope.WriteHPB(s.bank.HostID(), s.bank.Keys().Public(), s.options.Now())
	info, ciphertext, err := encryptFor(*state.Encryption, data)
	if err != nil {
		return s.manage(x, x.failed(err))
	}
	technical, business, text := x.codes(ebics.OK)
	return envelope.KeyManagementResponse{
		Technical: technical, Business: business, ReportText: text, Encryption: info,
		OrderData: base64.StdEncoding.AppendEncode(nil, ciphertext),
	}.Write()
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
