# The style sheets as one, without their comments.
BEGIN {
    RS = "[*]/"
}

{
    sub(/[/][*].*/, "")
    printf "%s", $0
}
