# bash completion for node-ca-trust(8)                                                      -*- shell-script -*-

_node_ca_trust() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command="" choices="" i
  local commands="bake provision rotate lint status verify distrust remove"
  local options="--root --config --format --help"

  # Bash makes words of their own of "=" and of what is around it.
  [[ $word == "=" ]] && word=
  [[ $before == "=" ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
  for (( i = 1; i < COMP_CWORD; ++i )); do
    [[ " $commands " == *" ${COMP_WORDS[i]} "* ]] && command=${COMP_WORDS[i]} && break
  done

  COMPREPLY=()
  case $before in
    --root | --directory)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return
      ;;
    --from | --config | --expect)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --as) choices="bundle aks agentbaker aks-node-controller cse kubernetes kubeconfig cloud-config bottlerocket talos openshift ignition list map" ;;
    --format)
      choices="text json"
      [[ $command == lint ]] && choices+=" github sarif"
      [[ $command == verify ]] && choices+=" junit"
      ;;
    --family) choices="debian gardener azurelinux3 el9 el10 fedora43 fedora44 arch suse flatcar photon" ;;
    --source) choices="provision proxy rotation baked unknown" ;;
    --fingerprint) return ;;
    *)
      case $command in
        "") choices="$commands --help --version" ;;
        bake | provision) choices="$options --dry-run --from --as" ;;
        rotate) choices="$options --dry-run --directory" ;;
        verify) choices="$options --image --expect" ;;
        distrust) choices="$options --dry-run" ;;
        remove) choices="$options --dry-run --all --source --fingerprint" ;;
        lint) choices="$options --from --as --family" ;;
        *) choices=$options ;;
      esac
      if [[ $command == lint && $word != -* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
      fi
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}
complete -F _node_ca_trust node-ca-trust
