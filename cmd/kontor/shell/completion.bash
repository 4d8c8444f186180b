# Completion of kontor for bash: source <(kontor completion bash)
_kontor() {
	local words=() word candidate last
	# bash splits --flag=value into three words: put them together again.
	for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
		last=$((${#words[@]} - 1))
		if [[ $last -ge 0 && ($word == "=" || ${words[last]} == --*=) ]]; then
			words[last]+=$word
		else
			words+=("$word")
		fi
	done
	local current=${words[${#words[@]} - 1]}
	COMPREPLY=()
	while IFS=$'\t' read -r candidate _; do
		case $candidate in
		:files | :folders)
			local kind=-f
			[[ $candidate == :folders ]] && kind=-d
			compopt -o filenames 2>/dev/null
			while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen "$kind" -- "${current#--*=}")
			;;
		*)
			[[ $current == --*=* ]] && candidate=${candidate#*=}
			COMPREPLY+=("$candidate")
			;;
		esac
	done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
}
complete -F _kontor kontor
