#compdef kontor
# Completion of kontor for zsh: source <(kontor completion zsh), or as _kontor in a folder of $fpath.
_kontor() {
	local line
	local -a candidates lines
	lines=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	for line in "${lines[@]}"; do
		case $line in
		"") ;;
		:files) _files ;;
		:folders) _files -/ ;;
		*) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
		esac
	done
	((${#candidates} == 0)) || _describe kontor candidates
}
if [[ ${funcstack[1]} == _kontor ]]; then
	_kontor "$@"
else
	compdef _kontor kontor
fi
