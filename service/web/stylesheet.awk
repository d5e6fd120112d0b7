# Joins the style sheets and removes their comments.
BEGIN {
    RS = "[*]/"
}

{
    sub(/[/][*].*/, "")
    printf "%s", $0
}
