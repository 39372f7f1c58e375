"""Without an S3 store the objects are files of a folder: the same names, the same bytes, the same answers."""

from client import Connection, batch_of, eventually, record


def test_objects_are_files_and_a_restart_goes_on(make_stack):
    stack = make_stack(driver="filesystem")
    stack.start()
    folder = stack.directory / "objects"
    connection = Connection(stack.ports["COMPORTA_PORT"])
    receipts = []
    for n in range(3):
        if n == 2:
            stack.restart("storage")
        answer = connection.upload([record(f"filed-{n}")])
        assert answer.status == 202, answer
        receipts.append(answer.json())

    for receipt in receipts:
        link = receipt["links"]["objects"][0]
        name = link.removeprefix("/api/v1/objects/").partition("?")[0]
        eventually((folder / name).is_file, f"{name} is written")
        answer = connection.request("GET", link)
        assert answer.status == 200 and answer.body == (folder / name).read_bytes()
        assert batch_of(name) == receipt["batches"][0]
    assert not [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".ndjson"]
