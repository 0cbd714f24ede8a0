"""`python -m generate`: writes every generated contract, and takes away those of types that are no more."""

from generate.documents import FOLDER, documents, written


def main() -> None:
    wanted = documents()
    for path in written() - wanted.keys():
        (FOLDER / path).unlink()
    for path, text in wanted.items():
        file = FOLDER / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
