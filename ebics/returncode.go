package ebics

// ReturnCode is the six digits with which a bank answers: one in the header of
// every response (technical) and one in its body (business). Both count.
type ReturnCode string

// Return codes of EBICS 2.5, annex 1.
const (
	OK                                      ReturnCode = "000000"
	DownloadPostprocessDone                 ReturnCode = "011000"
	DownloadPostprocessSkipped              ReturnCode = "011001"
	TxSegmentNumberUnderrun                 ReturnCode = "011101"
	NoOnlineChecks                          ReturnCode = "011301"
	OrderParamsIgnored                      ReturnCode = "031001"
	AuthenticationFailed                    ReturnCode = "061001"
	InvalidRequest                          ReturnCode = "061002"
	InternalError                           ReturnCode = "061099"
	TxRecoverySync                          ReturnCode = "061101"
	AuthorisationOrderTypeFailed            ReturnCode = "090003"
	InvalidOrderDataFormat                  ReturnCode = "090004"
	NoDownloadDataAvailable                 ReturnCode = "090005"
	UnsupportedRequestForOrderInstance      ReturnCode = "090006"
	DownloadSignedOnly                      ReturnCode = "091001"
	InvalidUserOrUserState                  ReturnCode = "091002"
	UserUnknown                             ReturnCode = "091003"
	InvalidUserState                        ReturnCode = "091004"
	InvalidOrderType                        ReturnCode = "091005"
	UnsupportedOrderType                    ReturnCode = "091006"
	DistributedSignatureNotAuthorised       ReturnCode = "091007"
	BankPubkeyUpdateRequired                ReturnCode = "091008"
	SegmentSizeExceeded                     ReturnCode = "091009"
	InvalidXML                              ReturnCode = "091010"
	InvalidHostID                           ReturnCode = "091011"
	TxUnknownTxid                           ReturnCode = "091101"
	TxAbort                                 ReturnCode = "091102"
	TxMessageReplay                         ReturnCode = "091103"
	TxSegmentNumberExceeded                 ReturnCode = "091104"
	RecoveryNotSupported                    ReturnCode = "091105"
	InvalidSignatureFileFormat              ReturnCode = "091111"
	InvalidOrderParams                      ReturnCode = "091112"
	InvalidRequestContent                   ReturnCode = "091113"
	OrderIDUnknown                          ReturnCode = "091114"
	OrderIDAlreadyExists                    ReturnCode = "091115"
	ProcessingError                         ReturnCode = "091116"
	MaxOrderDataSizeExceeded                ReturnCode = "091117"
	MaxSegmentsExceeded                     ReturnCode = "091118"
	MaxTransactionsExceeded                 ReturnCode = "091119"
	PartnerIDMismatch                       ReturnCode = "091120"
	IncompatibleOrderAttribute              ReturnCode = "091121"
	KeymgmtUnsupportedSignatureVersion      ReturnCode = "091201"
	KeymgmtUnsupportedAuthenticationVersion ReturnCode = "091202"
	KeymgmtUnsupportedEncryptionVersion     ReturnCode = "091203"
	KeymgmtKeylengthErrorSignature          ReturnCode = "091204"
	KeymgmtKeylengthErrorAuthentication     ReturnCode = "091205"
	KeymgmtKeylengthErrorEncryption         ReturnCode = "091206"
	KeymgmtNoX509Support                    ReturnCode = "091207"
	X509CertificateExpired                  ReturnCode = "091208"
	X509CertificateNotValidYet              ReturnCode = "091209"
	X509WrongKeyUsage                       ReturnCode = "091210"
	X509WrongAlgorithm                      ReturnCode = "091211"
	X509InvalidThumbprint                   ReturnCode = "091212"
	X509CTLInvalid                          ReturnCode = "091213"
	X509UnknownCertificateAuthority         ReturnCode = "091214"
	X509InvalidPolicy                       ReturnCode = "091215"
	X509InvalidBasicConstraints             ReturnCode = "091216"
	OnlyX509Support                         ReturnCode = "091217"
	KeymgmtDuplicateKey                     ReturnCode = "091218"
	CertificatesValidationError             ReturnCode = "091219"
	SignatureVerificationFailed             ReturnCode = "091301"
	AccountAuthorisationFailed              ReturnCode = "091302"
	AmountCheckFailed                       ReturnCode = "091303"
	SignerUnknown                           ReturnCode = "091304"
	InvalidSignerState                      ReturnCode = "091305"
	DuplicateSignature                      ReturnCode = "091306"
)

// place says which of the two return codes of a response carries a code.
type place bool

const (
	header place = true  // technical
	body   place = false // business
)

type codeFact struct {
	code   ReturnCode
	place  place
	symbol string
}

// codeFacts lists every known code, in order.
var codeFacts = []codeFact{
	{OK, header, "EBICS_OK"},
	{DownloadPostprocessDone, header, "EBICS_DOWNLOAD_POSTPROCESS_DONE"},
	{DownloadPostprocessSkipped, header, "EBICS_DOWNLOAD_POSTPROCESS_SKIPPED"},
	{TxSegmentNumberUnderrun, header, "EBICS_TX_SEGMENT_NUMBER_UNDERRUN"},
	{NoOnlineChecks, body, "EBICS_NO_ONLINE_CHECKS"},
	{OrderParamsIgnored, header, "EBICS_ORDER_PARAMS_IGNORED"},
	{AuthenticationFailed, header, "EBICS_AUTHENTICATION_FAILED"},
	{InvalidRequest, header, "EBICS_INVALID_REQUEST"},
	{InternalError, header, "EBICS_INTERNAL_ERROR"},
	{TxRecoverySync, header, "EBICS_TX_RECOVERY_SYNC"},
	{AuthorisationOrderTypeFailed, body, "EBICS_AUTHORISATION_ORDER_TYPE_FAILED"},
	{InvalidOrderDataFormat, body, "EBICS_INVALID_ORDER_DATA_FORMAT"},
	{NoDownloadDataAvailable, body, "EBICS_NO_DOWNLOAD_DATA_AVAILABLE"},
	{UnsupportedRequestForOrderInstance, body, "EBICS_UNSUPPORTED_REQUEST_FOR_ORDER_INSTANCE"},
	{DownloadSignedOnly, body, "EBICS_DOWNLOAD_SIGNED_ONLY"},
	{InvalidUserOrUserState, header, "EBICS_INVALID_USER_OR_USER_STATE"},
	{UserUnknown, header, "EBICS_USER_UNKNOWN"},
	{InvalidUserState, header, "EBICS_INVALID_USER_STATE"},
	{InvalidOrderType, header, "EBICS_INVALID_ORDER_TYPE"},
	{UnsupportedOrderType, header, "EBICS_UNSUPPORTED_ORDER_TYPE"},
	{DistributedSignatureNotAuthorised, header, "EBICS_DISTRIBUTED_SIGNATURE_AUTHORISATION_FAILED"},
	{BankPubkeyUpdateRequired, header, "EBICS_BANK_PUBKEY_UPDATE_REQUIRED"},
	{SegmentSizeExceeded, header, "EBICS_SEGMENT_SIZE_EXCEEDED"},
	{InvalidXML, header, "EBICS_INVALID_XML"},
	{InvalidHostID, header, "EBICS_INVALID_HOST_ID"},
	{TxUnknownTxid, header, "EBICS_TX_UNKNOWN_TXID"},
	{TxAbort, header, "EBICS_TX_ABORT"},
	{TxMessageReplay, header, "EBICS_TX_MESSAGE_REPLAY"},
	{TxSegmentNumberExceeded, header, "EBICS_TX_SEGMENT_NUMBER_EXCEEDED"},
	{RecoveryNotSupported, body, "EBICS_RECOVERY_NOT_SUPPORTED"},
	{InvalidSignatureFileFormat, body, "EBICS_INVALID_SIGNATURE_FILE_FORMAT"},
	{InvalidOrderParams, header, "EBICS_INVALID_ORDER_PARAMS"},
	{InvalidRequestContent, header, "EBICS_INVALID_REQUEST_CONTENT"},
	{OrderIDUnknown, body, "EBICS_ORDERID_UNKNOWN"},
	{OrderIDAlreadyExists, body, "EBICS_ORDERID_ALREADY_EXISTS"},
	{ProcessingError, body, "EBICS_PROCESSING_ERROR"},
	{MaxOrderDataSizeExceeded, header, "EBICS_MAX_ORDER_DATA_SIZE_EXCEEDED"},
	{MaxSegmentsExceeded, header, "EBICS_MAX_SEGMENTS_EXCEEDED"},
	{MaxTransactionsExceeded, header, "EBICS_MAX_TRANSACTIONS_EXCEEDED"},
	{PartnerIDMismatch, header, "EBICS_PARTNER_ID_MISMATCH"},
	{IncompatibleOrderAttribute, header, "EBICS_INCOMPATIBLE_ORDER_ATTRIBUTE"},
	{KeymgmtUnsupportedSignatureVersion, body, "EBICS_KEYMGMT_UNSUPPORTED_VERSION_SIGNATURE"},
	{KeymgmtUnsupportedAuthenticationVersion, body, "EBICS_KEYMGMT_UNSUPPORTED_VERSION_AUTHENTICATION"},
	{KeymgmtUnsupportedEncryptionVersion, body, "EBICS_KEYMGMT_UNSUPPORTED_VERSION_ENCRYPTION"},
	{KeymgmtKeylengthErrorSignature, body, "EBICS_KEYMGMT_KEYLENGTH_ERROR_SIGNATURE"},
	{KeymgmtKeylengthErrorAuthentication, body, "EBICS_KEYMGMT_KEYLENGTH_ERROR_AUTHENTICATION"},
	{KeymgmtKeylengthErrorEncryption, body, "EBICS_KEYMGMT_KEYLENGTH_ERROR_ENCRYPTION"},
	{KeymgmtNoX509Support, body, "EBICS_KEYMGMT_NO_X509_SUPPORT"},
	{X509CertificateExpired, body, "EBICS_X509_CERTIFICATE_EXPIRED"},
	{X509CertificateNotValidYet, body, "EBICS_X509_CERTIFICATE_NOT_VALID_YET"},
	{X509WrongKeyUsage, body, "EBICS_X509_WRONG_KEY_USAGE"},
	{X509WrongAlgorithm, body, "EBICS_X509_WRONG_ALGORITHM"},
	{X509InvalidThumbprint, body, "EBICS_X509_INVALID_THUMBPRINT"},
	{X509CTLInvalid, body, "EBICS_X509_CTL_INVALID"},
	{X509UnknownCertificateAuthority, body, "EBICS_X509_UNKNOWN_CERTIFICATE_AUTHORITY"},
	{X509InvalidPolicy, body, "EBICS_X509_INVALID_POLICY"},
	{X509InvalidBasicConstraints, body, "EBICS_X509_INVALID_BASIC_CONSTRAINTS"},
	{OnlyX509Support, body, "EBICS_ONLY_X509_SUPPORT"},
	{KeymgmtDuplicateKey, body, "EBICS_KEYMGMT_DUPLICATE_KEY"},
	{CertificatesValidationError, body, "EBICS_CERTIFICATES_VALIDATION_ERROR"},
	{SignatureVerificationFailed, body, "EBICS_SIGNATURE_VERIFICATION_FAILED"},
	{AccountAuthorisationFailed, body, "EBICS_ACCOUNT_AUTHORISATION_FAILED"},
	{AmountCheckFailed, body, "EBICS_AMOUNT_CHECK_FAILED"},
	{SignerUnknown, body, "EBICS_SIGNER_UNKNOWN"},
	{InvalidSignerState, body, "EBICS_INVALID_SIGNER_STATE"},
	{DuplicateSignature, body, "EBICS_DUPLICATE_SIGNATURE"},
}

var codeIndex = func() map[ReturnCode]codeFact {
	index := make(map[ReturnCode]codeFact, len(codeFacts))
	for _, fact := range codeFacts {
		index[fact.code] = fact
	}
	return index
}()

// ReturnCodes lists every code this package knows, in ascending order.
func ReturnCodes() []ReturnCode {
	codes := make([]ReturnCode, len(codeFacts))
	for i, fact := range codeFacts {
		codes[i] = fact.code
	}
	return codes
}

// Symbol returns the standard's name for the code, such as EBICS_OK, or "" for
// a code that is not known.
func (c ReturnCode) Symbol() string { return codeIndex[c].symbol }

// Technical says whether the code belongs into the header of a response; other
// codes, also unknown ones, belong into the body.
func (c ReturnCode) Technical() bool { return codeIndex[c].place == header }
