package hac

// reasons explains the codes that EBICS adds to the reasons of ISO 20022
// (HAC, external code set), and the few of ISO that banks use beside them.
var reasons = map[string]string{
	"TS01": "The transmission was successful.",
	"TS04": "The order waits for its accompanying note.",
	"TA01": "The transmission was broken off.",
	"TD01": "There were no data to download.",
	"TD02": "The file cannot be read.",
	"TD03": "The structure of the file is wrong.",
	"ID01": "The signature belongs to no file.",
	"AM21": "The amount exceeds a limit.",
	"DS01": "The electronic signature is correct.",
	"DS02": "The order was cancelled.",
	"DS03": "The order was not cancelled.",
	"DS04": "The bank rejected the order.",
	"DS05": "The signatures are complete; the order goes on to processing.",
	"DS06": "The order waits for distributed signatures.",
	"DS07": "All signatures are given.",
	"DS08": "The file could not be decompressed.",
	"DS09": "The file could not be decrypted.",
	"DS0A": "A signature is required.",
	"DS0B": "The format of the signature is not known.",
	"DS0C": "The signer's certificate is revoked.",
	"DS0D": "The signer's certificate is not valid.",
	"DS0E": "The signer's certificate is missing.",
	"DS0F": "The authority of the signer's certificate is not known.",
	"DS0G": "The signer may not order this payment.",
	"DS0H": "The signer may not use this account.",
	"DS0K": "The order has too many transactions.",
	"DS10": "The first signer's certificate is revoked.",
	"DS11": "The first signer's certificate is not valid.",
	"DS12": "The first signer's certificate is missing.",
	"DS13": "The authority of the first signer's certificate is not known.",
	"DS14": "The user is not known at the bank.",
	"DS15": "The same signature has already been sent.",
	"DS16": "The version of the signature key is not the right one.",
	"DS17": "The signature does not fit the file.",
	"DS18": "The order repeats an earlier one.",
	"DS19": "The signer's rights are not sufficient.",
	"DS20": "The second signer's certificate is revoked.",
	"DS21": "The second signer's certificate is not valid.",
	"DS22": "The second signer's certificate is missing.",
	"DS23": "The authority of the second signer's certificate is not known.",
	"DS24": "The waiting time has ended without the signatures.",
	"DS25": "The bank has deleted the file.",
	"DS26": "A user signed the order more than once.",
	"DS27": "The user is not activated yet.",
}

// ReasonText explains a reason code in an English sentence; "" if the code is
// not known.
func ReasonText(code string) string { return reasons[code] }
