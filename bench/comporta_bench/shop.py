"""What must be there before orders come: products, each with its price and seller."""

PRODUCTS = [{"id": f"p{number}", "title": f"Produto {number}", "price": 100 * number, "seller": f"s{number % 10}"}
            for number in range(1, 101)]
SELLERS = [{"id": f"s{number}", "name": f"Loja {number}"} for number in range(10)]
